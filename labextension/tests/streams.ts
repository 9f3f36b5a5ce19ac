/** Long streams for tests, in memory. */
import type { StreamId } from '../src/reference';
import type {
  ILines,
  ILinesOptions,
  ISearchProgress,
  ISearchQuery,
  IStreamClient,
  LinesQuery
} from '../src/streams';

export const LOG = 'a'.repeat(32) as StreamId;
export const INDEX = 'b'.repeat(64) as StreamId;

/** Numbered lines, so that each is told from all others. */
export function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `line ${from + index}`);
}

export class TestStreams implements IStreamClient {
  text: string[] = [];
  live = false;
  /** Lines that one answer holds at most. */
  most = 5000;
  /** What the next questions are answered with, first to last, in place of lines. */
  errors: Error[] = [];
  readonly clipped = new Map<number, number>();
  readonly questions: (LinesQuery & { id: StreamId; after?: string; signal?: AbortSignal })[] = [];
  readonly searches: { query: ISearchQuery; signal: AbortSignal }[] = [];
  /** What searches answer, part by part. */
  found: ISearchProgress[] = [];
  searchError: Error | null = null;

  url(id: StreamId): string {
    return `/streams/${id}?download=1`;
  }

  /** Print more, and tell those who wait. */
  print(...lines: string[]): void {
    this.text = [...this.text, ...lines];
    this.change();
  }

  end(): void {
    this.live = false;
    this.change();
  }

  change(): void {
    this._revision++;
    this._waiting.splice(0).forEach(go => {
      go();
    });
  }

  async lines(id: StreamId, query: LinesQuery, options: ILinesOptions = {}): Promise<ILines> {
    const { after, signal } = options;
    this.questions.push({ ...query, id, after, signal });
    const error = this.errors.shift();
    if (error) {
      throw error;
    }
    if (this.live && after === String(this._revision)) {
      await new Promise<void>((resolve, reject) => {
        this._waiting.push(resolve);
        signal?.addEventListener('abort', () => {
          reject(new DOMException('', 'AbortError'));
        });
      });
    }
    await Promise.resolve();
    signal?.throwIfAborted();
    const total = this.text.length;
    const first =
      'tail' in query ? Math.max(0, total - Math.min(query.tail, this.most)) : query.from;
    const count = 'tail' in query ? total - first : Math.min(query.count, this.most);
    return {
      first,
      lines: this.text.slice(first, first + count),
      clipped: this.clipped,
      total,
      size: 10 * total,
      revision: String(this._revision),
      live: this.live
    };
  }

  async *search(
    _: StreamId,
    query: ISearchQuery,
    signal: AbortSignal
  ): AsyncGenerator<ISearchProgress, void> {
    this.searches.push({ query, signal });
    await Promise.resolve();
    if (this.searchError) {
      throw this.searchError;
    }
    for (const part of this.found) {
      yield part;
      await Promise.resolve();
    }
  }

  private _revision = 0;
  private readonly _waiting: (() => void)[] = [];
}

/** Let everything that waits for nothing but its turn have it. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
  await new Promise(resolve => setTimeout(resolve, 0));
}
