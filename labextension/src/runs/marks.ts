/** The marks of one notebook's cells. Only of cells that are seen, so that a long notebook costs what a short one does. */
import type { CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { RunCard } from './card';
import type { ICardContent } from './card_view';
import { Mark } from './mark';
import type { NotebookRuns } from './notebook_runs';
import { isUnfinished } from './record';

const RUNNING_MS = 1000;
const RESTING_MS = 30_000;

export interface IMarksOptions {
  notebook: Notebook;
  runs: NotebookRuns;
  card: RunCard;
  /** What is shown of a cell's run; null when nothing is. */
  contentOf: (cell: CodeCell) => ICardContent | null;
}

export class Marks implements IDisposable {
  constructor(private readonly _options: IMarksOptions) {
    const { notebook, runs } = _options;
    this._observer = new IntersectionObserver(entries => {
      this._onSeen(entries);
    });
    runs.changed.connect(this.refresh, this);
    notebook.activeCellChanged.connect(this._onActive, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._observer.disconnect();
    Signal.clearData(this);
    for (const mark of this._marks.values()) {
      mark.node.remove();
    }
  }

  /** Take note of a cell. */
  add(cell: CodeCell): void {
    this._cells.set(cell.node, cell);
    this._observer.observe(cell.node);
  }

  remove(cell: CodeCell): void {
    this._cells.delete(cell.node);
    this._observer.unobserve(cell.node);
    this._seen.delete(cell);
    this._marks.get(cell)?.node.remove();
    this._marks.delete(cell);
  }

  /** Open the card of a cell, as a press on its mark does. */
  open(cell: CodeCell): void {
    this._marks.get(cell)?.node.click();
  }

  /** Draw what has changed of the marks that are seen. */
  readonly refresh = (): void => {
    clearTimeout(this._timer);
    let isRunning = false;
    for (const cell of this._seen) {
      isRunning = this._draw(cell) || isRunning;
    }
    if (this._seen.size > 0) {
      const afterMs = isRunning ? RUNNING_MS : RESTING_MS;
      this._timer = setTimeout(() => {
        this.refresh();
      }, afterMs);
    }
  };

  /** Whether it runs, so that what is shown changes by itself. */
  private _draw(cell: CodeCell): boolean {
    const content = this._options.contentOf(cell);
    let mark = this._marks.get(cell);
    if (!content) {
      if (mark) {
        mark.node.hidden = true;
      }
      return false;
    }
    if (!mark) {
      mark = new Mark();
      this._marks.set(cell, mark);
      this._options.card.follow(mark.node, () => this._options.contentOf(cell));
      mark.node.tabIndex = cell === this._options.notebook.activeCell ? 0 : -1;
      cell.node.append(mark.node);
    }
    mark.update(content);
    return isUnfinished(content.run.execution);
  }

  private _onSeen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const cell = this._cells.get(target);
      if (cell && isIntersecting) {
        this._seen.add(cell);
      } else if (cell) {
        this._seen.delete(cell);
      }
    }
    this.refresh();
  }

  /** A page of marks shall not be between the keyboard and all else. */
  private readonly _onActive = (notebook: Notebook): void => {
    for (const [cell, mark] of this._marks) {
      mark.node.tabIndex = cell === notebook.activeCell ? 0 : -1;
    }
  };

  private readonly _observer: IntersectionObserver;
  private readonly _cells = new Map<Element, CodeCell>();
  private readonly _seen = new Set<CodeCell>();
  private readonly _marks = new Map<CodeCell, Mark>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
