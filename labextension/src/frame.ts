/** The place of one output in the page: what shows it, a notice below it when there is one, and a badge. */
import { Panel, type Widget } from '@lumino/widgets';

/** JupyterLab styles, counts and copies what carries this class, so it belongs on the node that shows the output. */
const OUTPUT_CLASS = 'jp-OutputArea-output';

/** The class of every stored output. */
export const FRAME_CLASS = 'jp-CrdtOutput';

/**
 * `waiting` to come near the visible part of the page, `loading`, `shown`, `failed`, `held` back for its size, or `text`
 * alone since there is no reference that can be read.
 */
export type FrameState = 'waiting' | 'loading' | 'shown' | 'failed' | 'held' | 'text';

export class OutputFrame extends Panel {
  constructor() {
    super();
    this.addClass(FRAME_CLASS);
  }

  /** What shows the output. */
  get main(): Widget | null {
    return this._main;
  }

  /** The image that shows the output, if one does. */
  get image(): HTMLImageElement | null {
    return this._main?.node.querySelector(':scope > img') ?? null;
  }

  /** An output area marks its renderers; the mark is handed on to what really shows the output. */
  override addClass(name: string): void {
    if (name === OUTPUT_CLASS) {
      this._isOutput = true;
      this._main?.addClass(name);
    } else {
      super.addClass(name);
    }
  }

  /** Takes the place, and ownership, of what was there. */
  setMain(widget: Widget): void {
    this._main?.dispose();
    this._main = widget;
    widget.toggleClass(OUTPUT_CLASS, this._isOutput);
    this.insertWidget(0, widget);
    this.node.toggleAttribute('data-has-image', this.image !== null);
  }

  /** Gives ownership of what shows the output to the caller. */
  takeMain(): Widget | null {
    const main = this._main;
    this._main = null;
    if (main) {
      main.parent = null;
    }
    return main;
  }

  setNotice(notice: Widget | null): void {
    this._notice?.dispose();
    this._notice = notice;
    if (notice) {
      this.addWidget(notice);
    }
  }

  setBadge(badge: Widget | null): void {
    this._badge?.dispose();
    this._badge = badge;
    if (badge) {
      this.addWidget(badge);
    }
  }

  /** For the style sheet and tests, and, while there is more to come, for assistive technology. */
  setState(state: FrameState): void {
    this.node.dataset.state = state;
    this.node.ariaBusy = state === 'loading' ? 'true' : null;
  }

  /** Keep the height that there is until the promise is settled, so that what is below does not jump twice. */
  holdHeight(until: Promise<unknown>): void {
    const release = (): void => {
      this._holds -= 1;
      if (this._holds === 0) {
        this.node.style.minHeight = '';
      }
    };
    this._holds += 1;
    this.node.style.minHeight = `${this.node.offsetHeight}px`;
    until.then(release, release);
  }

  private _main: Widget | null = null;
  private _notice: Widget | null = null;
  private _badge: Widget | null = null;
  private _isOutput = false;
  private _holds = 0;
}
