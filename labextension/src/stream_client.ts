/** The server's endpoint of long streams. */
import { ArtifactError } from './artifacts';
import { Endpoint, type IEndpointOptions } from './endpoint';
import type { StreamId } from './reference';
import { pause } from './requests';
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

export interface IStreamClientOptions extends IEndpointOptions {
  /** The pause between questions that do not wait at the server, in milliseconds. */
  pollMs?: number;
}

export class StreamClient implements IStreamClient {
  constructor(options: IStreamClientOptions = {}) {
    this._endpoint = new Endpoint('api/crdt-outputs/streams', options);
    this._pollMs = options.pollMs ?? POLL_MS;
  }

  url(id: StreamId): string {
    return this._endpoint.url(id, { download: '1' });
  }

  lines(id: StreamId, query: LinesQuery, options: ILinesOptions = {}): Promise<ILines> {
    const attempt = (): Promise<ILines> => this._lines(id, query, options);
    return this._endpoint.retrying(attempt, options);
  }

  async *search(
    id: StreamId,
    { text, matchCase, regex }: ISearchQuery,
    signal: AbortSignal
  ): AsyncGenerator<ISearchProgress, void> {
    const query = { q: text, case: matchCase ? '1' : '0', regex: regex ? '1' : '0' };
    const url = this._endpoint.url(id, query, '/search');
    const response = await this._endpoint.ask(url, id, { signal });
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
      const url = this._endpoint.url(id, { ...query, ...(waits && { after }) }, '/lines');
      const body = await this._endpoint.bytes(url, id, { signal });
      const answer = JSON.parse(new TextDecoder().decode(body)) as LinesAnswer;
      const clipped = Object.entries(answer.clipped).map(([line, size]) => [+line, size] as const);
      return { ...answer, clipped: new Map(clipped) };
    } finally {
      this._waiting -= waits ? 1 : 0;
    }
  }

  private readonly _endpoint: Endpoint;
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
