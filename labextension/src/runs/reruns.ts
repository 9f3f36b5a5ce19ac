/** Runs what reads from a cell that this page has run, for users who want that. */
import { NotebookActions, type Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { NotebookRuns } from './notebook_runs';
import { isUnfinished } from './record';
import { Refusal, type IWanted, type RunServer } from './server';
import { staleBy } from './to_run';

/** Cells that are run one after another are over by then. */
const REST_MS = 500;

export interface IRerunsOptions {
  notebook: Notebook;
  runs: NotebookRuns;
  server: Pick<RunServer, 'run'>;
  path: () => string;
  /** The id of the notebook's kernel; empty when it has none. */
  kernel: () => string;
  isOn: () => boolean;
  /** A cell as this page sees it, if it has it. */
  wanted: (cell: string) => IWanted | null;
}

/**
 * Only the page that ran the cell does it, so that no two pages do. The server runs the cells: it knows then which
 * execution is the reason, and what was run for a reason gives none to go on.
 */
export class Reruns implements IDisposable {
  constructor(private readonly _options: IRerunsOptions) {
    NotebookActions.executed.connect(this._onExecuted, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private readonly _onExecuted = (
    _: unknown,
    {
      notebook,
      cell,
      success
    }: { notebook: Notebook; cell: { model: { id: string } }; success: boolean }
  ): void => {
    if (notebook === this._options.notebook && success && this._options.isOn()) {
      this._executed.add(cell.model.id);
      this._soon();
    }
  };

  private _soon(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      void this._run();
    }, REST_MS);
  }

  private async _run(): Promise<void> {
    const { runs, server, path, kernel, wanted } = this._options;
    try {
      await runs.ask(kernel());
      const ran = new Set(this._executed);
      const executions = [...ran].map(cell => runs.get(cell)?.execution ?? null);
      if (executions.some(isUnfinished)) {
        // The server writes down what the page has shown already.
        this._soon();
        return;
      }
      this._executed.clear();
      const parent = executions
        .map(execution => execution?.id ?? '')
        .sort()
        .at(-1);
      const cells = staleBy(runs.all, ran).map(wanted);
      const known = cells.filter(cell => cell !== null);
      if (parent && known.length > 0 && known.length === cells.length) {
        await server.run(path(), known, parent);
      }
    } catch (error) {
      // A cell was edited just then, or this user may not run any: nothing was asked for, so nothing is said.
      if (!(error instanceof Refusal)) {
        console.warn('Stale cells were not run.', error);
      }
    }
  }

  private readonly _executed = new Set<string>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
