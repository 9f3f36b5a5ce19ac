/** Fetches the lines that a reader wants to see; what was wanted last counts. */
import type { Asker } from './asker';
import type { ILines, LinesQuery } from './streams';

export class Fetcher {
  constructor(private readonly _asker: Asker) {}

  /** Whether something is being fetched. */
  get isBusy(): boolean {
    return this._question !== null;
  }

  /** Fetch nothing any more. */
  stop(): void {
    this._question?.abort();
  }

  /** Fetch some lines, and nothing else any more. */
  async fetch(query: LinesQuery, then: (part: ILines) => void): Promise<void> {
    this.stop();
    const question = (this._question = new AbortController());
    const { signal } = question;
    try {
      const part = await this._asker.lines(query, { signal }, () => void this.fetch(query, then));
      this._question = null;
      then(part);
    } catch {
      // It was told already, or nobody wants to know any more.
    } finally {
      if (this._question === question) {
        this._question = null;
      }
    }
  }

  /**
   * Fetch the line before *until*, with those from *from* on as far as one answer holds them, and *count* lines in all if
   * there are so many.
   */
  fetchBefore(
    from: number,
    until: number,
    count: number,
    then: (part: ILines) => void
  ): Promise<void> {
    return this.fetch({ from, count: Math.max(count, until - from) }, part => {
      if (part.first + part.lines.length < Math.min(until, part.total) && from < until - 1) {
        void this.fetchBefore(Math.ceil((from + until) / 2), until, count, then);
      } else {
        then(part);
      }
    });
  }

  private _question: AbortController | null = null;
}
