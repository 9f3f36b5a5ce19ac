/** What is seen of a long stream: some thousand lines around where one reads, whatever its length. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { Report } from './asker';
import { Finder } from './finder';
import { formatSize } from './format';
import { LineList } from './line_list';
import { StreamReader, type IReaderHost } from './reader';
import type { ILongStreamReference } from './reference';
import { Scroller, type Target } from './scroller';
import type { IHit, IStreamClient } from './streams';

export interface ILogViewOptions {
  readonly streams: IStreamClient;
  readonly sanitizer: IRenderMime.ISanitizer;
  readonly trans: TranslationBundle;
  readonly locale?: string;
}

/** Who wants to know what happens. */
export interface ILogViewHost {
  /** Something else is seen, or is known of the stream. */
  onMoved(): void;
  /** More was found. */
  onFound(): void;
  readonly report: Report;
}

/** Follows the end while it is being written, until the reader goes back. */
export class LogView implements IReaderHost, IDisposable {
  readonly reader: StreamReader;
  readonly finder: Finder;
  readonly scroller: Scroller;
  readonly report: Report;

  constructor(
    { id, name }: ILongStreamReference,
    { locale, sanitizer, streams, trans }: ILogViewOptions,
    private readonly _host: ILogViewHost
  ) {
    this.report = _host.report;
    this.reader = new StreamReader(streams, id, this);
    this.finder = new Finder(streams, this._onFound);
    const clippedNote = (size: number): string =>
      trans.__('… only the beginning of this line (%1) is shown', formatSize(size, locale));
    this._list = new LineList({ sanitizer, clippedNote });
    this.scroller = new Scroller(this._list, trans.__('Text of %1', name));
  }

  /** The lines that are loaded. */
  get text(): string {
    return this._list.text;
  }

  get isDisposed(): boolean {
    return this.reader.isDisposed;
  }

  dispose(): void {
    this.reader.dispose();
    this.finder.clear();
  }

  /** Show what is loaded. */
  refresh(target: Target): void {
    this.scroller.change(target, () => {
      this._list.show(this.reader.buffer, this.finder);
    });
    this._onMoved();
  }

  wrap(isOn: boolean): void {
    this.scroller.change(this.reader.follows ? 'end' : 'place', () => {
      this.scroller.node.classList.toggle('jp-mod-wrap', isOn);
    });
  }

  /** To be called when the region that scrolls has another size. */
  onResize(): void {
    this.scroller.restore();
    this.refresh(this.reader.follows ? 'end' : 'place');
  }

  /** To be called when it has scrolled. */
  onScroll(): void {
    const { isBack, isToEnd } = this.scroller.onScroll();
    if (isBack) {
      this.reader.follows = false;
    } else if (isToEnd && this.reader.isAtEnd) {
      this.reader.follows = true;
    }
    this._onMoved();
  }

  /** To be called when a wheel was turned there: its news is older than that of the scrolling. */
  onWheel({ deltaY }: WheelEvent): void {
    if (deltaY < 0) {
      this.reader.follows = false;
    }
  }

  /** Have ready what is next to what is seen. */
  private _onMoved(): void {
    const { buffer, isAtEnd } = this.reader;
    const wantsBefore = this.scroller.isNearStart && buffer.first > 0;
    const wantsAfter = this.scroller.isNearEnd && !isAtEnd;
    this.scroller.isHeld = wantsBefore || wantsAfter;
    if (wantsBefore) {
      this.reader.extend('start');
    }
    if (wantsAfter) {
      this.reader.extend('end');
    }
    this._host.onMoved();
  }

  private readonly _onFound = (hit: IHit | null): void => {
    this._host.onFound();
    if (hit) {
      this.reader.goTo(hit.line);
    }
    this.refresh('place');
  };

  private readonly _list: LineList;
}
