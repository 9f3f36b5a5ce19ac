/** What else is known of a run, in a card beside its mark. */
import { renderCard, type ICardContent } from './card_view';

const OPEN_AFTER_MS = 350;
const CLOSE_AFTER_MS = 250;
const GAP_PX = 4;

/** One card for the whole page: it is open beside one mark at most. */
export class RunCard {
  constructor() {
    this._node.className = 'jp-CrdtRunCard';
    this._node.tabIndex = -1;
    this._node.setAttribute('role', 'dialog');
    this._node.setAttribute('data-lm-suppress-shortcuts', 'true');
    this._node.addEventListener('mouseenter', () => {
      clearTimeout(this._timer);
    });
    this._node.addEventListener('mouseleave', () => {
      this._closeSoon();
    });
    this._node.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        const anchor = this._anchor;
        this.close();
        anchor?.focus();
      }
    });
    this._node.addEventListener('click', ({ target }) => {
      if (target instanceof Element && target.closest('button')) {
        this.close();
      }
    });
    this._node.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this._node.contains(relatedTarget))) {
        this.close();
      }
    });
  }

  /** Open beside *anchor* when it is pointed at or pressed. */
  follow(anchor: HTMLElement, content: () => ICardContent | null): void {
    anchor.addEventListener('mouseenter', () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => {
        this._open(anchor, content());
      }, OPEN_AFTER_MS);
    });
    anchor.addEventListener('mouseleave', () => {
      this._closeSoon();
    });
    anchor.addEventListener('click', () => {
      clearTimeout(this._timer);
      this._open(anchor, content());
      (this._node.querySelector('button') ?? this._node).focus();
    });
  }

  close(): void {
    clearTimeout(this._timer);
    const anchor = this._anchor;
    // Taking it away takes the focus from it, and that would close it again.
    this._anchor = null;
    if (anchor) {
      window.removeEventListener('scroll', this._onScroll, true);
      anchor.setAttribute('aria-expanded', 'false');
      this._node.remove();
    }
  }

  private _open(anchor: HTMLElement, content: ICardContent | null): void {
    if (!content?.run.execution || !anchor.isConnected) {
      return;
    }
    this.close();
    this._anchor = anchor;
    anchor.setAttribute('aria-expanded', 'true');
    this._node.replaceChildren(...renderCard(content, content.run.execution));
    this._node.setAttribute('aria-label', content.words.trans.__('Run of this cell'));
    document.body.append(this._node);
    place(this._node, anchor.getBoundingClientRect());
    window.addEventListener('scroll', this._onScroll, true);
  }

  private _closeSoon(): void {
    clearTimeout(this._timer);
    if (!this._node.contains(document.activeElement)) {
      this._timer = setTimeout(() => {
        this.close();
      }, CLOSE_AFTER_MS);
    }
  }

  private readonly _onScroll = (): void => {
    this.close();
  };

  private readonly _node = document.createElement('div');
  private _anchor: HTMLElement | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

function place(node: HTMLElement, anchor: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = node;
  const below = anchor.bottom + GAP_PX;
  const fits = below + height <= window.innerHeight;
  node.style.top = `${Math.max(0, fits ? below : anchor.top - GAP_PX - height)}px`;
  node.style.left = `${Math.max(0, Math.min(anchor.left, window.innerWidth - width))}px`;
}
