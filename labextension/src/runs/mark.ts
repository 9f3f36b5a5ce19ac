/** The mark of one cell: how its last run ended, or that what it put out is stale. */
import { ICONS, lookOf, type Look } from './icons';
import type { ICellRun } from './record';
import {
  durationOf,
  formatDuration,
  lineText,
  staleText,
  statusText,
  whoRan,
  type IWords
} from './wording';

export const MARK_CLASS = 'jp-CrdtRun';

export interface IMarkContent {
  readonly run: ICellRun;
  readonly runOf: (cell: string) => ICellRun | undefined;
  readonly now: number;
  readonly words: IWords;
}

/** A button in the space below a cell's prompts, or in the line that is kept free for it; it takes no room itself. */
export class Mark {
  constructor() {
    this.node.type = 'button';
    this.node.className = MARK_CLASS;
    this.node.tabIndex = -1;
    this.node.setAttribute('aria-haspopup', 'dialog');
    // Enter and Space press it, instead of doing something to the cell.
    this.node.setAttribute('data-lm-suppress-shortcuts', 'true');
    this._icon.className = 'jp-CrdtRun-icon';
    this._short.className = 'jp-CrdtRun-short';
    this._long.className = 'jp-CrdtRun-long';
    this.node.append(this._icon, this._short, this._long);
  }

  readonly node = document.createElement('button');

  /** Show a run; nothing is touched that stays as it is. */
  update({ run, runOf, now, words }: IMarkContent): void {
    const { execution } = run;
    if (!execution) {
      this.node.hidden = true;
      return;
    }
    const look = lookOf(run);
    if (look !== this._look) {
      this._look = look;
      this.node.dataset.look = look;
      this._icon.replaceChildren(ICONS[look].element({ tag: 'span' }));
    }
    const ms = durationOf(execution, now);
    const stale = staleText(run, runOf, words);
    const line = lineText(execution, now, words);
    const isStale = look === 'stale';
    const short = isStale
      ? words.trans.__('stale')
      : ms === null
        ? ''
        : formatDuration(ms, words.locale);
    setText(this._short, short);
    setText(this._long, isStale ? `${stale} · ${line}` : line);
    const status = statusText(execution, now, words);
    const label = [stale, status, whoRan(execution, words)].filter(Boolean).join('. ');
    if (this.node.getAttribute('aria-label') !== label) {
      this.node.setAttribute('aria-label', label);
    }
    this.node.hidden = false;
  }

  private readonly _icon = document.createElement('span');
  private readonly _short = document.createElement('span');
  private readonly _long = document.createElement('span');
  private _look: Look | null = null;
}

function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
