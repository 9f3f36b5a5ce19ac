/** The region that lines scroll in. */
import type { LineList } from './line_list';

/** Two heights that differ by less are the same: browsers round. */
const ROUNDING_PX = 3;

/** The most that is kept ready beyond what is seen, so that also a high region and its margins fit into the buffer. */
const MARGIN_PX = 800;

/** What is to be in sight: what was there before, the end, or a line. */
export type Target = 'place' | 'end' | number;

/** How the region was moved. */
export interface IMove {
  /** Up by the reader, to what is before. */
  readonly isBack: boolean;
  /** To the end of what is in the list, by the reader. */
  readonly isToEnd: boolean;
}

/** Knows which lines are seen, and keeps them where they are when others come and go. */
export class Scroller {
  readonly node = document.createElement('div');

  constructor(
    private readonly _list: LineList,
    label: string
  ) {
    this.node.className = 'jp-CrdtLog-scroller';
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'log');
    this.node.setAttribute('aria-label', label);
    // Hundreds of lines a second are not to be read aloud.
    this.node.setAttribute('aria-live', 'off');
    this.node.append(_list.node);
  }

  /** The numbers of the first and the last line that are seen. */
  get range(): readonly [number, number] {
    const { scrollTop, clientHeight } = this.node;
    return [
      this._list.lineAt(scrollTop + ROUNDING_PX),
      this._list.lineAt(scrollTop + clientHeight - ROUNDING_PX)
    ];
  }

  /** Whether so little is left to scroll at the beginning that more should be there soon. */
  get isNearStart(): boolean {
    return this.node.scrollTop < this._margin;
  }

  /** The same at the end. */
  get isNearEnd(): boolean {
    return this._below < this._margin;
  }

  /** Whether the notebook stays where it is when one scrolls beyond the list: there is more to come. */
  set isHeld(value: boolean) {
    this.node.style.overscrollBehaviorY = value ? 'contain' : '';
  }

  /** Change the list, or how it is laid out, with this in sight afterwards. */
  change(target: Target, change: () => void): void {
    const by = this._isLaidOut ? this.node.scrollTop - this._top : 0;
    if (by !== 0) {
      // The reader was faster than the news of it, which is still to come.
      this._remember();
    }
    change();
    if (typeof target === 'number') {
      this._center(target);
    } else if (target === 'place' || by < -ROUNDING_PX) {
      this.restore();
    } else {
      this.node.scrollTop = this.node.scrollHeight;
    }
    this._remember();
    this._top -= by;
  }

  /** Go back to where the reader was: what is taken out of the page forgets how far it was scrolled. */
  restore(): void {
    if (this._isLaidOut) {
      const element = this._list.element(this._line);
      this.node.scrollTop = element ? element.offsetTop + this._offset : 0;
      this._top = this.node.scrollTop;
    }
  }

  /** To be called when the region has scrolled. */
  onScroll(): IMove {
    const by = this.node.scrollTop - this._top;
    this._remember();
    // Nothing has moved since it was moved from here.
    return { isBack: by < 0, isToEnd: by > 0 && this._below < ROUNDING_PX };
  }

  private _center(line: number): void {
    const element = this._list.element(line);
    if (element) {
      const mark = element.querySelector<HTMLElement>('.jp-mod-current') ?? element;
      const { scrollTop, clientHeight } = this.node;
      const isSeen =
        mark.offsetTop >= scrollTop &&
        mark.offsetTop + mark.offsetHeight <= scrollTop + clientHeight;
      if (!isSeen) {
        this.node.scrollTop = mark.offsetTop - clientHeight / 2;
      }
      const { offsetLeft, offsetWidth } = mark;
      const { scrollLeft, clientWidth } = this.node;
      if (offsetLeft < scrollLeft || offsetLeft + offsetWidth > scrollLeft + clientWidth) {
        this.node.scrollLeft = mark === element ? 0 : offsetLeft - clientWidth / 2;
      }
    }
  }

  private _remember(): void {
    if (this._isLaidOut) {
      this._top = this.node.scrollTop;
      this._line = this._list.lineAt(this._top);
      this._offset = this._top - (this._list.element(this._line)?.offsetTop ?? 0);
    }
  }

  private get _below(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.node;
    return scrollHeight - clientHeight - scrollTop;
  }

  private get _margin(): number {
    return Math.min(this.node.clientHeight, MARGIN_PX);
  }

  /** Out of the page, and in a hidden part of it, nothing has a place. */
  private get _isLaidOut(): boolean {
    return this.node.clientHeight > 0;
  }

  private _top = 0;
  private _line = 0;
  private _offset = 0;
}
