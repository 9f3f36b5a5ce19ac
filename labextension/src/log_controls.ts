/** What a reader can do with a long stream, by buttons, by keys and in a search. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatCount } from './format';
import type { IKeyActions } from './keys';
import { LogToolbar, type ILogActions } from './log_toolbar';
import type { LogView } from './log_view';
import { saveStream } from './saving';
import { SearchBar, type ISearchActions } from './search_bar';
import type { ISearchQuery, IStreamClient } from './streams';

/** What the viewers of one page have in common, and remember for the next. */
export interface ILogPreferences {
  wrap: boolean;
}

export interface ILogControlsOptions {
  readonly streams: IStreamClient;
  readonly preferences: ILogPreferences;
  readonly trans: TranslationBundle;
  readonly locale?: string;
}

export class LogControls implements ILogActions, ISearchActions, IKeyActions {
  constructor(
    private readonly _view: LogView,
    private readonly _options: ILogControlsOptions
  ) {
    const { locale, preferences, trans } = _options;
    this._toolbar = new LogToolbar(this, trans, locale);
    this._search = new SearchBar(this, trans, locale);
    this.wrap(preferences.wrap);
  }

  get nodes(): readonly HTMLElement[] {
    return [this._toolbar.node, this._search.node];
  }

  /** Say where in the stream one is. */
  showPlace(): void {
    const { state, follows } = this._view.reader;
    this._toolbar.show({ ...state, follows, range: this._view.scroller.range });
  }

  /** Say what was found. */
  showFound(): void {
    this._search.show(this._view.finder);
  }

  /** Search all of the text, and bring the first hit from here on into sight. */
  find(query: ISearchQuery): void {
    const { finder, reader, scroller } = this._view;
    void finder.find(reader.id, query, scroller.range[0]);
  }

  step(by: 1 | -1): void {
    this._view.finder.step(by);
  }

  openSearch(): void {
    this._search.open();
  }

  closeSearch(): boolean {
    const wasOpen = this._search.isOpen;
    if (wasOpen) {
      this._search.close();
      this._view.finder.clear();
      this._view.scroller.node.focus({ preventScroll: true });
    }
    return wasOpen;
  }

  toLine(line: number): void {
    this._view.reader.goTo(line);
  }

  toEnd(): void {
    this._view.reader.goToEnd();
  }

  wrap(isOn: boolean): void {
    this._options.preferences.wrap = isOn;
    this._toolbar.setWrap(isOn);
    this._view.wrap(isOn);
  }

  /** Copy the lines that are loaded. */
  copy(): void {
    const { trans, locale } = this._options;
    const count = formatCount(this._view.reader.buffer.lines.length, locale);
    navigator.clipboard.writeText(this._view.text).then(
      () => {
        this._toolbar.tell(trans.__('%1 lines copied', count));
      },
      (error: unknown) => {
        this._toolbar.tell(trans.__('Not copied: %1', String(error)));
      }
    );
  }

  download(): void {
    saveStream(this._view.reader.id, this._options.streams);
  }

  private readonly _toolbar: LogToolbar;
  private readonly _search: SearchBar;
}
