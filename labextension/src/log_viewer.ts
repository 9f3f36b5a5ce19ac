/** The viewer of a long stream. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import type { IFetchOptions } from './artifacts';
import { Finder } from './finder';
import { formatCount, formatSize } from './format';
import { LineList } from './line_list';
import { LogToolbar } from './log_toolbar';
import { faultNotice, type Notice } from './notice';
import { StreamReader, type IReaderHost } from './reader';
import type { ILongStreamReference, StreamId } from './reference';
import { saveStream } from './saving';
import { Scroller, type Target } from './scroller';
import { SearchBar } from './search_bar';
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
export class LogViewer extends Panel implements IReaderHost {
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
    this._search = new SearchBar({
      trans,
      locale,
      find: this._find,
      step: this._step,
      close: this._closeSearch
    });
    this._toolbar = new LogToolbar({
      trans,
      locale,
      toLine: this._toLine,
      toEnd: this._toEnd,
      wrap: this._wrap,
      search: this._openSearch,
      copy: this._copy,
      download: this._download
    });
    this.addClass('jp-CrdtLog');
    this.addClass('jp-RenderedText');
    this.node.dataset.mimeType = mimeType;
    this.node.append(this._toolbar.node, this._search.node, this._scroller.node);
    this._resized = new ResizeObserver(this._onResize);
    this._wrap(_options.preferences.wrap);
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
  report(error: unknown, retryMs: number | null): void {
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
      case 'keydown':
        if (event.currentTarget === window) {
          this._beforeShortcuts(event as KeyboardEvent);
        } else {
          this._onKey(event as KeyboardEvent);
        }
        break;
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
    this.node.addEventListener('keydown', this);
    window.addEventListener('keydown', this, true);
    this._scroller.node.addEventListener('scroll', this);
    this._scroller.node.addEventListener('wheel', this, { passive: true });
    document.addEventListener('visibilitychange', this);
    this._resized.observe(this._scroller.node);
    this._watching = this._options.visibility.watch(this.node, this._setSeen);
    this._onResize();
    this._focused?.focus({ preventScroll: true });
  }

  protected override onBeforeDetach(msg: Message): void {
    const { activeElement } = document;
    this._focused = this.node.contains(activeElement) ? (activeElement as HTMLElement) : null;
    this._watching?.dispose();
    this._setSeen(false);
    this._resized.disconnect();
    document.removeEventListener('visibilitychange', this);
    this._scroller.node.removeEventListener('wheel', this);
    this._scroller.node.removeEventListener('scroll', this);
    window.removeEventListener('keydown', this, true);
    this.node.removeEventListener('keydown', this);
    super.onBeforeDetach(msg);
  }

  /** JupyterLab's keys move and delete cells; in here, they scroll and type. Some are wanted everywhere. */
  private _beforeShortcuts(event: KeyboardEvent): void {
    const { key, shiftKey, target } = event;
    if (target instanceof HTMLElement && this.node.contains(target)) {
      const isRun = key === 'Enter' && target === this._scroller.node;
      const isShortcut = isAccel(event)
        ? isRun || shiftKey || ['b', 's'].includes(key.toLowerCase())
        : isRun && shiftKey;
      target.toggleAttribute('data-lm-suppress-shortcuts', !isShortcut);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const { key, shiftKey, target } = event;
    const inText = target === this._scroller.node;
    if (isAccel(event) && !shiftKey && key.toLowerCase() === 'f') {
      this._openSearch();
    } else if (key === 'Escape' && this._search.isOpen) {
      this._closeSearch();
    } else if (key === 'Escape') {
      this.node.closest<HTMLElement>('.jp-Cell')?.focus();
    } else if (inText && key === 'Home') {
      this._toLine(0);
    } else if (inText && key === 'End') {
      this._toEnd();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
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
    if (this._scroller.isNearStart) {
      this._reader.extend('start');
    }
    if (this._scroller.isNearEnd) {
      this._reader.extend('end');
    }
    const { follows, state } = this._reader;
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

  private readonly _find = (query: ISearchQuery): void => {
    void this._finder.find(this._reader.id, query, this._scroller.range[0]);
  };

  private readonly _step = (by: 1 | -1): void => {
    this._finder.step(by);
  };

  private readonly _openSearch = (): void => {
    this._search.open();
  };

  private readonly _closeSearch = (): void => {
    this._search.close();
    this._finder.clear();
    this._scroller.node.focus({ preventScroll: true });
  };

  private readonly _toLine = (line: number): void => {
    this._reader.goTo(line);
  };

  private readonly _toEnd = (): void => {
    this._reader.goToEnd();
  };

  private readonly _wrap = (isOn: boolean): void => {
    this._options.preferences.wrap = isOn;
    this._toolbar.setWrap(isOn);
    this._scroller.change(this._reader.follows ? 'end' : 'place', () => {
      this._scroller.node.classList.toggle('jp-mod-wrap', isOn);
    });
  };

  private readonly _copy = (): void => {
    const { trans, locale } = this._options;
    const { lines } = this._reader.buffer;
    navigator.clipboard.writeText(this._list.text).then(
      () => {
        this._toolbar.tell(trans.__('%1 lines copied', formatCount(lines.length, locale)));
      },
      (error: unknown) => {
        this._toolbar.tell(trans.__('Not copied: %1', String(error)));
      }
    );
  };

  private readonly _download = (): void => {
    saveStream(this._reader.id, this._options.streams);
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
  private _watching: IDisposable | null = null;
  private _focused: HTMLElement | null = null;
  private _isSeen = false;
}

function isAccel({ altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && !altKey;
}
