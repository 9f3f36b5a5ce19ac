/** The viewer of a long stream. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableSet } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import type { IFetchOptions } from './artifacts';
import type { Report } from './asker';
import { Finder } from './finder';
import { formatCount, formatSize } from './format';
import { handleKeys } from './keys';
import { LineList } from './line_list';
import { LogToolbar, type ILogActions } from './log_toolbar';
import { faultNotice, type Notice } from './notice';
import { StreamReader, type IReaderHost } from './reader';
import type { ILongStreamReference, StreamId } from './reference';
import { saveStream } from './saving';
import { Scroller, type Target } from './scroller';
import { SearchBar, type ISearchActions } from './search_bar';
import type { IHit, ISearchQuery, IStreamClient } from './streams';
import type { Visibility } from './visibility';

/** What the viewers of one page have in common, and remember for the next. */
export interface ILogPreferences {
  wrap: boolean;
}

export interface ILogViewerOptions {
  readonly streams: IStreamClient;
  readonly visibility: Visibility;
  readonly preferences: ILogPreferences;
  readonly trans: TranslationBundle;
  readonly locale?: string;
  readonly sanitizer: IRenderMime.ISanitizer;
  /** The type that JupyterLab's style sheets know the stream by. */
  readonly mimeType: string;
}

/**
 * Shows some thousand lines of a stream around where one reads, whatever its length; follows the end while it is being
 * written, until the reader goes back.
 */
export class LogViewer extends Panel implements IReaderHost, ILogActions, ISearchActions {
  constructor(
    reference: ILongStreamReference,
    private readonly _options: ILogViewerOptions
  ) {
    super();
    const { locale, mimeType, sanitizer, streams, trans } = _options;
    this._reference = reference;
    this._ids.add(reference.id);
    this._reader = new StreamReader(streams, reference.id, this);
    this._finder = new Finder(streams, this._onFound);
    const clippedNote = (size: number): string =>
      trans.__('… only the beginning of this line (%1) is shown', formatSize(size, locale));
    this._list = new LineList({ sanitizer, clippedNote });
    this._scroller = new Scroller(this._list, trans.__('Text of %1', reference.name));
    this._search = new SearchBar(this, trans, locale);
    this._toolbar = new LogToolbar(this, trans, locale);
    this.addClass('jp-CrdtLog');
    this.addClass('jp-RenderedText');
    this.node.dataset.mimeType = mimeType;
    this.node.append(this._toolbar.node, this._search.node, this._scroller.node);
    this._resized = new ResizeObserver(this._onResize);
    this.wrap(_options.preferences.wrap);
  }

  /** Fetch the end, which is what is shown first. Rejects when it cannot be had. */
  async load(options: IFetchOptions): Promise<void> {
    await this._reader.load(options);
    this.refresh('end');
  }

  /** Whether this is about the same text: once it is complete, a log goes by another name. */
  isOf({ name, id, size }: ILongStreamReference): boolean {
    const hasEnded = this._reference.size === null && size !== null;
    return this._reference.name === name && (hasEnded || this._ids.has(id));
  }

  /** Go on with the same text under this name, wherever the reader is in it. */
  continueAs(reference: ILongStreamReference): void {
    this._reference = reference;
    this._ids.add(reference.id);
    this._reader.continueAs(reference.id);
  }

  /** Show what is loaded. */
  refresh(target: Target): void {
    this._scroller.change(target, () => {
      this._list.show(this._reader.buffer, this._finder);
    });
    this._onMoved();
  }

  /** Say what could not be had, or with null that all is well. */
  readonly report: Report = (error, retryMs) => {
    this._notice?.dispose();
    this._notice = null;
    if (error !== null) {
      const { locale, trans } = this._options;
      const what = `${this._reference.name}, ${formatSize(this._reader.state.size, locale)}`;
      const retry = (): void => {
        this._reader.retry();
      };
      this._notice = faultNotice(error, what, retryMs, retry, trans);
      this.addWidget(this._notice);
    }
  };

  /** Search all of the text, and bring the first hit from here on into sight. */
  find(query: ISearchQuery): void {
    void this._finder.find(this._reader.id, query, this._scroller.range[0]);
  }

  step(by: 1 | -1): void {
    this._finder.step(by);
  }

  openSearch(): void {
    this._search.open();
  }

  closeSearch(): boolean {
    const wasOpen = this._search.isOpen;
    if (wasOpen) {
      this._search.close();
      this._finder.clear();
      this._scroller.node.focus({ preventScroll: true });
    }
    return wasOpen;
  }

  toLine(line: number): void {
    this._reader.goTo(line);
  }

  toEnd(): void {
    this._reader.goToEnd();
  }

  wrap(isOn: boolean): void {
    this._options.preferences.wrap = isOn;
    this._toolbar.setWrap(isOn);
    this._scroller.change(this._reader.follows ? 'end' : 'place', () => {
      this._scroller.node.classList.toggle('jp-mod-wrap', isOn);
    });
  }

  /** Copy the lines that are loaded. */
  copy(): void {
    const { trans, locale } = this._options;
    const count = formatCount(this._reader.buffer.lines.length, locale);
    navigator.clipboard.writeText(this._list.text).then(
      () => {
        this._toolbar.tell(trans.__('%1 lines copied', count));
      },
      (error: unknown) => {
        this._toolbar.tell(trans.__('Not copied: %1', String(error)));
      }
    );
  }

  download(): void {
    saveStream(this._reader.id, this._options.streams);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._reader.dispose();
      this._finder.clear();
      this._resized.disconnect();
      super.dispose();
    }
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'scroll':
        this._onScroll();
        break;
      case 'wheel':
        if ((event as WheelEvent).deltaY < 0) {
          this._reader.follows = false;
        }
        break;
      case 'visibilitychange':
        this._setSeen(this._isSeen);
        break;
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._scroller.node.addEventListener('scroll', this);
    this._scroller.node.addEventListener('wheel', this, { passive: true });
    document.addEventListener('visibilitychange', this);
    this._resized.observe(this._scroller.node);
    this._whileAttached.add(handleKeys(this.node, this._scroller.node, this));
    this._whileAttached.add(this._options.visibility.watch(this.node, this._setSeen));
    this._onResize();
    this._focused?.focus({ preventScroll: true });
  }

  protected override onBeforeDetach(msg: Message): void {
    const { activeElement } = document;
    this._focused = this.node.contains(activeElement) ? (activeElement as HTMLElement) : null;
    this._whileAttached.dispose();
    this._whileAttached = new DisposableSet();
    this._setSeen(false);
    this._resized.disconnect();
    document.removeEventListener('visibilitychange', this);
    this._scroller.node.removeEventListener('wheel', this);
    this._scroller.node.removeEventListener('scroll', this);
    super.onBeforeDetach(msg);
  }

  private _onScroll(): void {
    const { isBack, isToEnd } = this._scroller.onScroll();
    if (isBack) {
      this._reader.follows = false;
    } else if (isToEnd && this._reader.isAtEnd) {
      this._reader.follows = true;
    }
    this._onMoved();
  }

  private readonly _onResize = (): void => {
    this._scroller.restore();
    this.refresh(this._reader.follows ? 'end' : 'place');
  };

  /** Have ready what is next to what is seen, and say where that is. */
  private _onMoved(): void {
    const { follows, state, buffer, isAtEnd } = this._reader;
    const wantsBefore = this._scroller.isNearStart && buffer.first > 0;
    const wantsAfter = this._scroller.isNearEnd && !isAtEnd;
    this._scroller.isHeld = wantsBefore || wantsAfter;
    if (wantsBefore) {
      this._reader.extend('start');
    }
    if (wantsAfter) {
      this._reader.extend('end');
    }
    this._toolbar.show({ ...state, follows, range: this._scroller.range });
  }

  private readonly _setSeen = (isSeen: boolean): void => {
    this._isSeen = isSeen;
    this._reader.isWatched = isSeen && this.isAttached && !document.hidden;
  };

  private readonly _onFound = (hit: IHit | null): void => {
    this._search.show(this._finder);
    if (hit) {
      this._reader.goTo(hit.line);
    }
    this.refresh('place');
  };

  private _reference: ILongStreamReference;
  private readonly _ids = new Set<StreamId>();
  private readonly _reader: StreamReader;
  private readonly _finder: Finder;
  private readonly _list: LineList;
  private readonly _scroller: Scroller;
  private readonly _toolbar: LogToolbar;
  private readonly _search: SearchBar;
  private readonly _resized: ResizeObserver;
  private _notice: Notice | null = null;
  private _whileAttached = new DisposableSet();
  private _focused: HTMLElement | null = null;
  private _isSeen = false;
}
