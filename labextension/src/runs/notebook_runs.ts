/** What is known of the runs of one notebook's cells, kept up to date. */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import {
  isUnfinished,
  parseEnded,
  parsePromptEvent,
  type ICellRun,
  type IExecution,
  type IPromptEvent
} from './record';
import { Refusal, type RunServer } from './server';

/** How soon after a reason to ask the server is asked; a second later than people stop typing. */
const ASK_AFTER_MS = 1000;

/** When the server is away. */
const RETRY_AFTER_MS = 30_000;

/** The server shall not spend all of its time on one page's questions. */
const REST = 4;
const LONGEST_REST_MS = 10_000;

export interface INotebookRunsOptions {
  server: Pick<RunServer, 'freshness'>;
  /** The notebook's path; it may be renamed. */
  path: () => string;
}

/** The runs, and which cells ask for input. Asks the server only while {@link isWanted}. */
export class NotebookRuns implements IDisposable {
  constructor(private readonly _options: INotebookRunsOptions) {}

  /** Something that is shown may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether anybody sees what is known. */
  get isWanted(): boolean {
    return this._isWanted;
  }

  set isWanted(value: boolean) {
    this._isWanted = value;
    if (value && this._isDue) {
      this.askSoon(0);
    }
  }

  /** All code cells that the server has told of, in order. */
  get all(): readonly ICellRun[] {
    return [...this._runs.values()];
  }

  /** By cell, the ids of the executions that ask for input. */
  get asking(): ReadonlyMap<string, string> {
    return this._asking;
  }

  get(cell: string): ICellRun | undefined {
    return this._runs.get(cell);
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  /** Take an event of the server. */
  hear(event: unknown): void {
    const ended = parseEnded(event);
    if (ended?.fileId === this._fileId && ended) {
      this._heard++;
      this._onEnded(ended);
    }
    const prompt = parsePromptEvent(event);
    if (prompt?.fileId === this._fileId && prompt) {
      this._heard++;
      this._onPrompt(prompt);
    }
  }

  /** Something was edited: ask when it rests. */
  edited(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    this.askSoon();
  }

  /** There is a reason to ask. */
  askSoon(afterMs = ASK_AFTER_MS): void {
    this._isDue = true;
    if (this._timer !== undefined || !this._isWanted || this._isDisposed) {
      return;
    }
    const waitMs = Math.max(afterMs, this._restUntil - performance.now());
    this._timer = setTimeout(() => {
      this._timer = undefined;
      if (this._isWanted) {
        this.ask().catch((error: unknown) => {
          if (!(error instanceof Refusal)) {
            this.askSoon(RETRY_AFTER_MS);
          }
        });
      }
    }, waitMs);
  }

  /**
   * Ask now. Rejects when the server does not answer.
   *
   * @param kernel Of which to ask what cells need that are to be run on it; empty for one that is still to start.
   */
  async ask(kernel?: string): Promise<void> {
    this._isDue = false;
    const [heard, begun] = [this._heard, performance.now()];
    const { server, path } = this._options;
    const known = this.all
      .map(({ execution }) => execution)
      .filter(execution => execution !== null)
      .filter(execution => !isUnfinished(execution));
    const { fileId, runs } = await server.freshness(path(), known, kernel);
    const ended = performance.now();
    this._restUntil = ended + Math.min(LONGEST_REST_MS, REST * (ended - begun));
    if (this._isDisposed) {
      return;
    }
    this._fileId = fileId;
    const isUpToDate = heard === this._heard;
    this._runs = new Map(runs.map(run => [run.cell, isUpToDate ? run : this._newer(run)]));
    if (isUpToDate) {
      const waiting = runs.filter(({ execution }) => execution?.status === 'waiting-for-input');
      this._asking = new Map(waiting.map(({ cell, execution }) => [cell, execution?.id ?? '']));
    } else {
      this.askSoon();
    }
    this._changed.emit();
  }

  /** What was heard while the answer was on its way is newer. */
  private _newer(told: ICellRun): ICellRun {
    const known = this._runs.get(told.cell);
    const isNewer =
      known?.execution &&
      (!told.execution ||
        known.execution.id > told.execution.id ||
        (known.execution.id === told.execution.id && isUnfinished(told.execution)));
    return isNewer && !isUnfinished(known.execution) ? known : told;
  }

  private _onEnded(execution: IExecution): void {
    const { cell, id } = execution;
    if (this._asking.get(cell) === id) {
      this._asking.delete(cell);
    }
    const known = this._runs.get(cell)?.execution;
    if (execution.wasSent && (!known || known.id <= id)) {
      this._runs.set(cell, { cell, execution, stale: null, because: [], needs: [] });
    }
    this._changed.emit();
    this.askSoon();
  }

  private _onPrompt({ cell, id, isWaiting }: IPromptEvent): void {
    if (isWaiting) {
      this._asking.set(cell, id);
    } else {
      this._asking.delete(cell);
    }
    this._changed.emit();
    this.askSoon();
  }

  private _fileId: string | undefined;
  private _runs = new Map<string, ICellRun>();
  private _asking = new Map<string, string>();
  private _heard = 0;
  private _isWanted = false;
  private _isDue = true;
  private _isDisposed = false;
  private _restUntil = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, void>(this);
}
