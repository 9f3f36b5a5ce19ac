/** The code cells of a notebook as they come and go, and what happens to them that bears on their runs. */
import type { CellChange, ISharedCodeCell } from '@jupyter/ydoc';
import { CodeCell } from '@jupyterlab/cells';
import type { IChangedArgs } from '@jupyterlab/coreutils';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

export class CellFollower implements IDisposable {
  constructor(private readonly _notebook: Notebook) {
    _notebook.modelChanged.connect(this._onModel, this);
    this._onModel();
  }

  get added(): ISignal<this, CodeCell> {
    return this._added;
  }

  get removed(): ISignal<this, CodeCell> {
    return this._removed;
  }

  /** A cell's source was edited, by anybody, or a cell was moved or deleted. */
  get edited(): ISignal<this, void> {
    return this._edited;
  }

  /** A cell has begun to run, or has ended, or shows the outputs of another run. */
  get ran(): ISignal<this, void> {
    return this._ran;
  }

  /** Those that are there. */
  get cells(): ReadonlySet<CodeCell> {
    return this._cells;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private readonly _onModel = (): void => {
    this._notebook.model?.cells.changed.connect(this._soon, this);
    this._soon();
  };

  /** Once for all the cells that come together. */
  private readonly _soon = (): void => {
    this._timer ??= setTimeout(() => {
      this._timer = undefined;
      this._update();
    });
  };

  private _update(): void {
    const now = new Set(this._notebook.widgets.filter(cell => cell instanceof CodeCell));
    for (const cell of this._cells) {
      if (!now.has(cell)) {
        this._cells.delete(cell);
        this._removed.emit(cell);
      }
    }
    for (const cell of now) {
      if (!this._cells.has(cell)) {
        this._cells.add(cell);
        cell.model.sharedModel.changed.connect(this._onShared, this);
        cell.model.stateChanged.connect(this._onState, this);
        this._added.emit(cell);
      }
    }
    this._edited.emit();
  }

  private readonly _onShared = (cell: ISharedCodeCell, change: CellChange): void => {
    if (change.sourceChange) {
      this._edited.emit();
    }
    // While it runs, they are those of that run.
    if (change.outputsChange && cell.executionState !== 'running') {
      this._ran.emit();
    }
  };

  private readonly _onState = (_: unknown, { name }: IChangedArgs<unknown>): void => {
    if (name === 'executionState' || name === 'executionCount') {
      this._ran.emit();
    }
  };

  private readonly _cells = new Set<CodeCell>();
  private readonly _added = new Signal<this, CodeCell>(this);
  private readonly _removed = new Signal<this, CodeCell>(this);
  private readonly _edited = new Signal<this, void>(this);
  private readonly _ran = new Signal<this, void>(this);
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
