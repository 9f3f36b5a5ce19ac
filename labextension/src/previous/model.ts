/** The previous runs of one cell: which there are, which are looked at, and putting one back. */
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import { parseEnded } from '../runs/record';
import { Choice } from './choice';
import { listed, nobodysRun, NOW, runOf, type IListedRun } from './listing';
import type { ILiveCell } from './live_cell';
import type { IOutputs, IRun, RunsClient } from './runs';
import { textOf } from './wording';

/** A server writes down what a run has put out a moment after its end. */
const LOAD_MS = 700;
const RELIST_MS = 200;

export interface IPreviousRunsModelOptions {
  readonly cell: ILiveCell;
  /** What the notebook is called by the server; it may be renamed. */
  readonly path: () => string;
  readonly server: Pick<RunsClient, 'runs' | 'restore'>;
  /** What the server says of itself: that a cell has run. */
  readonly events: ISignal<unknown, unknown>;
}

/** Asks the server when it is made. What stood in the cell, and is no run's, it keeps for as long as it lives. */
export class PreviousRunsModel implements IDisposable {
  constructor(private readonly _options: IPreviousRunsModelOptions) {
    _options.cell.changed.connect(this._onCell, this);
    _options.events.connect(this._onEvent, this);
    void this._load();
  }

  /** Something of what is told here is another than before. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the server has answered, or said that it cannot. */
  get isReady(): boolean {
    return this._isReady;
  }

  /** The newest first. */
  get runs(): readonly IListedRun[] {
    return this._listed;
  }

  /** The ids of those that are looked at. */
  get chosen(): readonly string[] {
    return this._chosen;
  }

  /** Whether the cell is no longer in the notebook. */
  get isGone(): boolean {
    return this._isGone;
  }

  /** Why the server could not tell what is kept; empty when it could. */
  get trouble(): string {
    return this._trouble;
  }

  dispose(): void {
    this._isDisposed = true;
    this._loading.dispose();
    this._listing.dispose();
    Signal.clearData(this);
  }

  /** Ask the server again, which could not tell what is kept. */
  retry(): void {
    void this._load();
  }

  /** Look at a run, or no longer. */
  choose(id: string, isChosen: boolean): void {
    this._choice.choose(id, isChosen);
    this._list();
  }

  /**
   * Put the outputs of a run back into the cell, for everybody.
   *
   * @returns What stood there; null when the cell runs or is gone, and nothing was done.
   * @throws An error with the server's words; nothing was done then, too.
   */
  async restore(run: IRun): Promise<IOutputs | null> {
    const { server } = this._options;
    if (!this._kept.some(({ id }) => id === run.id)) {
      return this.putBack(run);
    }
    const before = await server.restore(run.id);
    this._keep(before);
    this._loadSoon();
    return before;
  }

  /** Let the cell show this; see {@link restore}. */
  putBack({ outputs, count }: Pick<IRun, 'outputs' | 'count'>): IOutputs | null {
    const { cell } = this._options;
    const before = cell.present;
    if (!before || !outputs || !cell.replace({ outputs, count })) {
      return null;
    }
    this._keep(before);
    return before;
  }

  private _loadSoon(): void {
    if (!this._isDisposed) {
      void this._loading.invoke().catch(() => undefined);
    }
  }

  private async _load(): Promise<void> {
    const { server, path, cell } = this._options;
    const question = ++this._questions;
    let [kept, trouble] = [this._kept, ''];
    try {
      kept = await server.runs(path(), cell.id);
    } catch (error) {
      trouble = textOf(error);
    }
    // An answer to an earlier question may come later.
    if (question === this._questions && !this._isDisposed) {
      [this._kept, this._trouble, this._isReady] = [kept, trouble, true];
      this._list();
    }
  }

  /** What may be nobody's run would be lost. */
  private _keep(outputs: IOutputs): void {
    const known = [...this._kept, ...this._replaced];
    if (outputs.outputs.length > 0 && !runOf(outputs, known)) {
      const run = nobodysRun(`replaced ${this._replaced.length}`, outputs);
      this._replaced = [run, ...this._replaced];
      this._choice.rename(NOW, run.id);
    }
    this._list();
  }

  private _list(): void {
    if (!this._isReady) {
      return;
    }
    const present = this._options.cell.present;
    this._isGone = present === null;
    this._listed = listed(this._kept, present, this._replaced);
    this._chosen = this._choice.among(this._listed.map(({ run }) => run.id));
    const told = this._told();
    if (told !== this._last) {
      this._last = told;
      this._changed.emit();
    }
  }

  /** What is told here, in short. Outputs of a run never change, but those that the notebook has now do. */
  private _told(): string {
    const runs = this._listed.map(({ run, place }) => [
      run.id,
      place,
      run.note,
      run.id === NOW ? [run.outputs, run.count] : 0
    ]);
    return JSON.stringify([runs, this._chosen, this._isGone, this._trouble]);
  }

  private readonly _onCell = (): void => {
    void this._listing.invoke().catch(() => undefined);
  };

  private readonly _onEvent = (_: unknown, event: unknown): void => {
    if (parseEnded(event)?.cell === this._options.cell.id) {
      this._loadSoon();
    }
  };

  private readonly _changed = new Signal<this, void>(this);
  private readonly _choice = new Choice();
  private readonly _loading = new Debouncer(() => this._load(), LOAD_MS);
  private readonly _listing = new Debouncer(() => {
    this._list();
  }, RELIST_MS);
  private _kept: readonly IRun[] = [];
  private _replaced: readonly IRun[] = [];
  private _listed: readonly IListedRun[] = [];
  private _chosen: readonly string[] = [];
  private _isGone = false;
  private _trouble = '';
  private _isReady = false;
  private _questions = 0;
  private _last = '';
  private _isDisposed = false;
}
