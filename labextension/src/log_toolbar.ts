/** What can be done with a long stream, and what there is of it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  copyIcon,
  downloadIcon,
  LabIcon,
  moveDownIcon,
  moveUpIcon,
  searchIcon
} from '@jupyterlab/ui-components';

import { isPressed, makeControl, makeSwitch, setLabel, setPressed } from './controls';
import { formatCount, formatSize } from './format';

const TELLING_MS = 4000;

const wrapIcon = new LabIcon({
  name: 'jupyter-crdt-outputs:wrap',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="none" stroke="#616161" stroke-width="1.5"
    d="M2 3.5h12M2 8h9.5a2.25 2.25 0 0 1 0 4.5H8M10 10.5l-2 2 2 2M2 12.5h3"/></svg>`
});

export interface ILogActions {
  /** Of the line's number, from 0. */
  toLine(line: number): void;
  toEnd(): void;
  wrap(isOn: boolean): void;
  openSearch(): void;
  copy(): void;
  download(): void;
}

export interface ILogStatus {
  /** The numbers of the first and last line that are seen, from 0. */
  readonly range: readonly [number, number];
  readonly total: number;
  readonly size: number;
  readonly live: boolean;
  readonly follows: boolean;
}

export class LogToolbar {
  readonly node = document.createElement('div');

  constructor(
    private readonly _actions: ILogActions,
    private readonly _trans: TranslationBundle,
    private readonly _locale?: string
  ) {
    const trans = _trans;
    const toStart = _actions.toLine.bind(_actions, 0);
    const wrap = (): void => {
      _actions.wrap(isPressed(this._wrap));
    };
    const toEnd = _actions.toEnd.bind(_actions);
    const search = _actions.openSearch.bind(_actions);
    const copy = _actions.copy.bind(_actions);
    const download = _actions.download.bind(_actions);
    this._end = makeControl({ icon: moveDownIcon, label: '', run: toEnd });
    this._wrap = makeSwitch({ icon: wrapIcon, label: trans.__('Wrap Lines'), run: wrap });
    this._status.className = 'jp-CrdtLog-status';
    this._state.className = 'jp-CrdtLog-state';
    this._told.className = 'jp-CrdtLog-told';
    this._told.setAttribute('role', 'status');
    this.node.className = 'jp-CrdtLog-toolbar';
    this.node.setAttribute('role', 'toolbar');
    this.node.setAttribute('aria-label', trans.__('Long output'));
    this.node.append(
      makeControl({ icon: moveUpIcon, label: trans.__('Go to the First Line'), run: toStart }),
      this._end,
      this._lineInput(),
      this._wrap,
      makeControl({ icon: searchIcon, label: trans.__('Find…'), run: search }),
      makeControl({ icon: copyIcon, label: trans.__('Copy the Loaded Lines'), run: copy }),
      makeControl({ icon: downloadIcon, label: trans.__('Download All as Text'), run: download }),
      this._told,
      this._state,
      this._status
    );
  }

  setWrap(isOn: boolean): void {
    setPressed(this._wrap, isOn);
  }

  /** Say something for a moment. */
  tell(message: string): void {
    clearTimeout(this._timer);
    this._told.textContent = message;
    this._timer = setTimeout(() => {
      this._told.textContent = '';
    }, TELLING_MS);
  }

  show(status: ILogStatus): void {
    const [trans, locale] = [this._trans, this._locale];
    const { range, total, size, live, follows } = status;
    const [first, last] = range.map(line => formatCount(Math.min(line + 1, total), locale));
    const numbers = [formatCount(total, locale), formatSize(size, locale)];
    this._status.textContent = trans.__('Lines %1–%2 of %3, %4', first, last, ...numbers);
    const isFollowing = live && follows;
    this._state.textContent = isFollowing
      ? trans.__('Following')
      : live
        ? trans.__('Still being written')
        : '';
    this.node.dataset.state = isFollowing ? 'following' : live ? 'live' : 'complete';
    setLabel(
      this._end,
      live ? trans.__('Go to the End and Follow') : trans.__('Go to the Last Line')
    );
  }

  private _lineInput(): HTMLInputElement {
    const trans = this._trans;
    const input = document.createElement('input');
    input.type = 'text';
    input.inputMode = 'numeric';
    input.className = 'jp-CrdtLog-input jp-CrdtLog-lineInput';
    input.placeholder = trans.__('Line');
    setLabel(input, trans.__('Go to a Line by Its Number'));
    input.onkeydown = event => {
      // As the numbers are written here, or anywhere else.
      const line = Number(input.value.replace(/[\s.,'’_]/g, ''));
      if (event.key === 'Enter' && input.value && Number.isSafeInteger(line)) {
        event.preventDefault();
        this._actions.toLine(line - 1);
        input.value = '';
      }
    };
    return input;
  }

  private readonly _end: HTMLButtonElement;
  private readonly _wrap: HTMLButtonElement;
  private readonly _told = document.createElement('span');
  private readonly _state = document.createElement('span');
  private readonly _status = document.createElement('span');
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
