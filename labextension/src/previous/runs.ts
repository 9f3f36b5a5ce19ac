/** What the server has kept of a cell's runs; checked on arrival. */
import { URLExt } from '@jupyterlab/coreutils';
import type { IOutput } from '@jupyterlab/nbformat';
import { ServerConnection } from '@jupyterlab/services';

/** One run whose outputs can be looked at; times in milliseconds since 1970. */
export interface IRun {
  /** The execution's; of what no execution is known for, a name that is no execution's. */
  readonly id: string;
  readonly user: string;
  /** What whoever ran it says that he is called, where the server knows no name. */
  readonly claimedName: string | null;
  readonly status: string;
  readonly error: string;
  readonly count: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  /** As the document has them; null when they cannot be had. */
  readonly outputs: readonly IOutput[] | null;
  /** Why they cannot. */
  readonly note: string;
}

/** Outputs, and the number beside them. */
export interface IOutputs {
  readonly outputs: readonly IOutput[];
  readonly count: number | null;
}

const ROOT = 'api/crdt-outputs/previous';

export class RunsClient {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /**
   * The runs of a cell, the newest first.
   *
   * @throws An error with the server's words.
   */
  async runs(path: string, cell: string): Promise<readonly IRun[]> {
    const answer = await this._ask(URLExt.objectToQueryString({ path, cell }), {});
    const { runs } = objectOf(answer);
    return (Array.isArray(runs) ? runs : []).map(parseRun).filter(run => run !== null);
  }

  /**
   * Put the outputs of a run back into its cell, for everybody.
   *
   * @returns What stood there.
   * @throws An error with the server's words.
   */
  async restore(id: string): Promise<IOutputs> {
    const body = JSON.stringify({ execution: id });
    const answer = objectOf(await this._ask('/restore', { method: 'POST', body }));
    const replaced = objectOf(answer.replaced);
    return {
      outputs: outputsOf(replaced.outputs) ?? [],
      count: numberOrNull(replaced.execution_count)
    };
  }

  private async _ask(what: string, init: RequestInit): Promise<unknown> {
    const url = URLExt.join(this._settings.baseUrl, ROOT) + what;
    const response = await ServerConnection.makeRequest(url, init, this._settings);
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const { message } = objectOf(body);
      throw new Error(typeof message === 'string' ? message : response.statusText);
    }
    return body;
  }
}

/** A run, or null for anything else. */
export function parseRun(value: unknown): IRun | null {
  const { execution, outputs, note } = objectOf(value);
  const given = objectOf(execution);
  if (typeof given.id !== 'string') {
    return null;
  }
  return {
    id: given.id,
    user: textOf(given.user),
    claimedName: textOf(given.claimed_name) || null,
    status: textOf(given.status),
    error: textOf(given.error),
    count: numberOrNull(given.execution_count),
    started: timeOf(given.started_at) ?? timeOf(given.queued_at),
    ended: timeOf(given.ended_at),
    outputs: outputsOf(outputs),
    note: textOf(note)
  };
}

/** A list of outputs, those left out that are none; null for what is no list. */
export function outputsOf(value: unknown): IOutput[] | null {
  return Array.isArray(value)
    ? value.filter((each): each is IOutput => typeof objectOf(each).output_type === 'string')
    : null;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}
