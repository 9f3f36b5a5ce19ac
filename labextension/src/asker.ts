/** Questions about one stream, whose failures are told to whoever reads it and may be asked again. */
import type { StreamId } from './reference';
import type { ILines, ILinesOptions, IStreamClient, LinesQuery } from './streams';

/** Tells that something cannot be had, and when the next try is; or, with null, that all is well again. */
export type Report = (error: unknown, retryMs: number | null) => void;

export class Asker {
  constructor(
    private readonly _client: IStreamClient,
    public id: StreamId,
    private readonly _report: Report
  ) {}

  /**
   * Rejects when the signal says so, and after it was told that the lines cannot be had.
   *
   * @param again What to do when the reader wants another try.
   */
  async lines(query: LinesQuery, options: ILinesOptions, again: () => void): Promise<ILines> {
    const onRetry = (error: unknown, delayMs: number): void => {
      this._again = again;
      this._report(error, delayMs);
    };
    try {
      const part = await this._client.lines(this.id, query, { ...options, onRetry });
      options.signal?.throwIfAborted();
      if (this._again) {
        this._again = null;
        this._report(null, null);
      }
      return part;
    } catch (error) {
      if (!options.signal?.aborted) {
        this._again = again;
        this._report(error, null);
      }
      throw error;
    }
  }

  /** Try again what did not work last. */
  retry(): void {
    this._again?.();
  }

  private _again: (() => void) | null = null;
}
