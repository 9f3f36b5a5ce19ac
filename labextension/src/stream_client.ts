/** The server's endpoint of long streams. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ArtifactError } from './artifacts';
import type { StreamId } from './reference';
import { ask, askForBytes, pause, RETRY_DELAYS_MS, retrying } from './requests';
import type {
  ILines,
  ILinesOptions,
  ISearchProgress,
  ISearchQuery,
  IStreamClient,
  LinesQuery
} from './streams';

/** A browser has six connections to a server; those that only wait must leave room for all others. */
const MOST_WAITING = 2;

/** How long to wait before an answer at once, when no connection is to wait. */
const POLL_MS = 2000;

export interface IStreamClientOptions {
  serverSettings?: ServerConnection.ISettings;
  /** The pauses between tries, in milliseconds; their number is that of the tries after the first. */
  retryDelaysMs?: readonly number[];
  /** The pause between questions that do not wait at the server, in milliseconds. */
  pollMs?: number;
}

export class StreamClient implements IStreamClient {
  constructor(options: IStreamClientOptions = {}) {
    this._settings = options.serverSettings ?? ServerConnection.makeSettings();
    this._delays = options.retryDelaysMs ?? RETRY_DELAYS_MS;
    this._pollMs = options.pollMs ?? POLL_MS;
  }

  url(id: StreamId): string {
    return this._url(id, '', { download: '1' });
  }

  lines(id: StreamId, query: LinesQuery, options: ILinesOptions = {}): Promise<ILines> {
    const attempt = (): Promise<ILines> => this._lines(id, query, options);
    return retrying(attempt, this._delays, options);
  }

  async *search(
    id: StreamId,
    { text, matchCase, regex }: ISearchQuery,
    signal: AbortSignal
  ): AsyncGenerator<ISearchProgress, void> {
    const query = { q: text, case: matchCase ? '1' : '0', regex: regex ? '1' : '0' };
    const response = await ask(this._url(id, '/search', query), id, this._settings, signal);
    for await (const line of linesOf(response)) {
      const answer = JSON.parse(line) as SearchAnswer;
      if ('error' in answer) {
        throw new Error(answer.error);
      }
      const hits = answer.hits.map(([line, column, length]) => ({ line, column, length }));
      yield { hits, count: answer.count, scanned: answer.scanned, size: answer.size };
      if (answer.done) {
        return;
      }
    }
    throw new ArtifactError('unavailable', id, 'the answer is incomplete');
  }

  private async _lines(
    id: StreamId,
    query: LinesQuery,
    { after, signal }: ILinesOptions
  ): Promise<ILines> {
    const waits = after !== undefined && this._waiting < MOST_WAITING;
    if (after !== undefined && !waits) {
      await pause(this._pollMs, signal);
    }
    this._waiting += waits ? 1 : 0;
    try {
      const url = this._url(id, '/lines', { ...query, ...(waits && { after }) });
      const body = await askForBytes(url, id, this._settings, signal);
      const answer = JSON.parse(new TextDecoder().decode(body)) as LinesAnswer;
      const clipped = Object.entries(answer.clipped).map(([line, size]) => [+line, size] as const);
      return { ...answer, clipped: new Map(clipped) };
    } finally {
      this._waiting -= waits ? 1 : 0;
    }
  }

  private _url(id: StreamId, part: string, query: Record<string, string | number>): string {
    const path = URLExt.join(this._settings.baseUrl, 'api/crdt-outputs/streams', id);
    return path + part + URLExt.objectToQueryString(query);
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _delays: readonly number[];
  private readonly _pollMs: number;
  private _waiting = 0;
}

/** As the server spells it. */
type LinesAnswer = Omit<ILines, 'clipped'> & { readonly clipped: Record<string, number> };

type SearchAnswer =
  | (Omit<ISearchProgress, 'hits'> & {
      readonly hits: readonly [line: number, column: number, length: number][];
      readonly done: boolean;
    })
  | { readonly error: string };

/** The lines of a text that is still on its way; when nobody wants more of them, it need not come. */
async function* linesOf(response: Response): AsyncGenerator<string, void> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      rest += decoder.decode(part.value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}
