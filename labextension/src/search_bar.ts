/** Where one types what to look for in a long stream, and reads how often it is there. */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownIcon,
  caretUpIcon,
  caseSensitiveIcon,
  closeIcon,
  regexIcon
} from '@jupyterlab/ui-components';

import { isPressed, makeControl, makeSwitch } from './controls';
import type { Finder } from './finder';
import { formatCount } from './format';
import type { ISearchQuery } from './streams';

/** After the last key, so that not every letter is searched for. */
const TYPING_MS = 300;

export interface ISearchActions {
  find(query: ISearchQuery): void;
  /** To the next hit, or with -1 to the one before. */
  step(by: 1 | -1): void;
  closeSearch(): void;
}

export class SearchBar {
  readonly node = document.createElement('div');

  constructor(
    private readonly _actions: ISearchActions,
    private readonly _trans: TranslationBundle,
    private readonly _locale?: string
  ) {
    const trans = _trans;
    const find = this._find;
    this._case = makeSwitch({ icon: caseSensitiveIcon, label: trans.__('Match Case'), run: find });
    const regexLabel = trans.__('Use Regular Expression');
    this._regex = makeSwitch({ icon: regexIcon, label: regexLabel, run: find });
    const back = (): void => {
      _actions.step(-1);
    };
    const on = (): void => {
      _actions.step(1);
    };
    const close = (): void => {
      _actions.closeSearch();
    };
    this._input.type = 'text';
    this._input.spellcheck = false;
    this._input.className = 'jp-CrdtLog-input';
    this._input.placeholder = trans.__('Find');
    this._input.setAttribute('aria-label', trans.__('Find in all of this output'));
    this._input.oninput = () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(find, TYPING_MS);
    };
    this._count.className = 'jp-CrdtLog-count';
    this._count.setAttribute('role', 'status');
    this.node.className = 'jp-CrdtLog-search';
    this.node.hidden = true;
    this.node.setAttribute('role', 'search');
    this.node.append(
      this._input,
      this._case,
      this._regex,
      makeControl({ icon: caretUpIcon, label: trans.__('Previous Match'), run: back }),
      makeControl({ icon: caretDownIcon, label: trans.__('Next Match'), run: on }),
      this._count,
      makeControl({ icon: closeIcon, label: trans.__('Close Search'), run: close })
    );
    this.node.onkeydown = event => {
      if (event.key === 'Enter' && event.target === this._input) {
        event.preventDefault();
        this._onEnter(event.shiftKey ? -1 : 1);
      }
    };
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  /** Show the bar, ready to type in. */
  open(): void {
    this.node.hidden = false;
    this._input.focus();
    this._input.select();
  }

  close(): void {
    clearTimeout(this._timer);
    this.node.hidden = true;
    this._searched = null;
  }

  /** Tell what was found so far. */
  show(finder: Finder): void {
    this._count.textContent = this._text(finder);
    this._count.dataset.state = finder.state;
  }

  private _text({ state, count, position, progress, error }: Finder): string {
    const trans = this._trans;
    const [at, all] = [position, count].map(number => formatCount(number, this._locale));
    switch (state) {
      case 'idle':
        return '';
      case 'searching':
        return trans.__('%1 found, %2% searched', all, Math.floor(100 * progress));
      case 'done':
        return count > 0 ? trans.__('%1 of %2', at, all) : trans.__('Nothing found');
      case 'failed':
        return error instanceof Error ? error.message : String(error);
    }
  }

  /** What is not searched for yet, is now. */
  private _onEnter(by: 1 | -1): void {
    if (this._searched === this._input.value) {
      this._actions.step(by);
    } else {
      this._find();
    }
  }

  private readonly _find = (): void => {
    clearTimeout(this._timer);
    this._searched = this._input.value;
    this._actions.find({
      text: this._searched,
      matchCase: isPressed(this._case),
      regex: isPressed(this._regex)
    });
  };

  private readonly _input = document.createElement('input');
  private readonly _count = document.createElement('span');
  private readonly _case: HTMLButtonElement;
  private readonly _regex: HTMLButtonElement;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _searched: string | null = null;
}
