/** What pages ask the server about runs, and have it do. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import {
  parseExecution,
  parseFreshness,
  parsePrompt,
  type IExecution,
  type IFreshness,
  type IPrompt
} from './record';

const ROOT = 'api/crdt-outputs';

/** What a user must be allowed to run cells; the server asks the same. */
const TO_RUN = { 'crdt-outputs': ['execute'], kernels: ['execute'], contents: ['write'] };

/** The `Date` of an answer has whole seconds, so that clocks this near are taken for equal. */
const SAME_CLOCK_MS = 2000;

/** The server did not do as it was asked. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
  }
}

/** A cell that is to be run as the page sees it. */
export interface IWanted {
  readonly id: string;
  readonly source: string;
}

export class RunServer {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** The time by the server's clock, which the times of executions are by. */
  get now(): number {
    return Date.now() + this._aheadMs;
  }

  /**
   * The runs of all code cells of a notebook.
   *
   * @param known Executions of which the server need not tell again: nine tenths of what it has to say.
   * @param kernel To be told what cells need that are to be run on it: its id; empty for one that is still to start.
   */
  async freshness(
    path: string,
    known: readonly IExecution[] = [],
    kernel?: string
  ): Promise<IFreshness> {
    const latest = Math.max(...known.map(({ ended }) => ended ?? 0), 0);
    const response = await this._ask('freshness', {
      path,
      ...(latest && { known: new Date(latest).toISOString() }),
      ...(kernel !== undefined && { kernel })
    });
    const byId = latest ? new Map(known.map(each => [each.id, each])) : null;
    const freshness = parseFreshness(await response.json(), byId);
    if (!freshness && byId) {
      // One that ended before another of which this page heard first.
      return this.freshness(path, [], kernel);
    }
    if (!freshness) {
      throw new Error('what is stale was not understood');
    }
    const aheadMs = Date.parse(response.headers.get('Date') ?? '') - Date.now();
    this._aheadMs = Math.abs(aheadMs) > SAME_CLOCK_MS ? aheadMs : 0;
    return freshness;
  }

  /** One execution, and what it asks for at the moment. */
  async execution(id: string): Promise<{ execution: IExecution | null; prompt: IPrompt | null }> {
    const response = await this._ask(`executions/${encodeURIComponent(id)}`);
    const answer: unknown = await response.json();
    return { execution: parseExecution(answer), prompt: parsePrompt(answer) };
  }

  /** Answer what an execution asks for. Nothing of the value is kept. */
  async answer(id: string, value: string): Promise<void> {
    await this._post(`executions/${encodeURIComponent(id)}/input`, { value });
  }

  /** Have the server run cells, all or none; not if one of them is no longer as the page sees it. */
  async run(path: string, cells: readonly IWanted[], parent: string): Promise<void> {
    await this._post('executions', { path, cells, parent });
  }

  /** Whether this user may run cells, and answer what they ask for. */
  async mayRun(): Promise<boolean> {
    const query = URLExt.objectToQueryString({ permissions: JSON.stringify(TO_RUN) });
    const url = URLExt.join(this._settings.baseUrl, 'api/me') + query;
    const response = await ServerConnection.makeRequest(url, {}, this._settings);
    const { permissions } = (await response.json()) as {
      permissions?: Record<string, string[] | undefined>;
    };
    return Object.entries(TO_RUN).every(([resource, actions]) =>
      actions.every(action => permissions?.[resource]?.includes(action))
    );
  }

  private _post(what: string, body: unknown): Promise<Response> {
    return this._ask(what, {}, { method: 'POST', body: JSON.stringify(body) });
  }

  private async _ask(
    what: string,
    query: Record<string, string> = {},
    init: RequestInit = {}
  ): Promise<Response> {
    const url = URLExt.join(this._settings.baseUrl, ROOT, what) + URLExt.objectToQueryString(query);
    const response = await ServerConnection.makeRequest(url, init, this._settings);
    if (!response.ok) {
      const told = (await response.json().catch(() => ({}))) as { message?: unknown };
      const words = typeof told.message === 'string' ? told.message : response.statusText;
      throw new Refusal(response.status, words);
    }
    return response;
  }

  private _aheadMs = 0;
}
