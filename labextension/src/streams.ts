/** Long streams, a part at a time. */
import type { IFetchOptions } from './artifacts';
import type { StreamId } from './reference';

/** Some lines of a stream, and how the stream is at that time. Lines are counted from 0. */
export interface ILines {
  /** The number of the first of the lines. */
  readonly first: number;
  readonly lines: readonly string[];
  /** The sizes in bytes of the lines that are not here whole, by their numbers. */
  readonly clipped: ReadonlyMap<number, number>;
  /** Lines in all. An unfinished last one counts, and may change. */
  readonly total: number;
  /** Bytes in all. */
  readonly size: number;
  /** Changes whenever the text does. */
  readonly revision: string;
  /** Whether there may come more. */
  readonly live: boolean;
}

/** Which lines: fewer may be answered, but one at least when there is one. */
export type LinesQuery =
  { readonly from: number; readonly count: number } | { readonly tail: number };

export interface ILinesOptions extends IFetchOptions {
  /** Wait until the revision is another one than this or nothing more will come, but not for ever. */
  after?: string;
}

export interface ISearchQuery {
  readonly text: string;
  readonly matchCase: boolean;
  /** Whether the text is a regular expression. */
  readonly regex: boolean;
}

/** Where something was found. Column and length are in UTF-16 units of the line. */
export interface IHit {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What was found in one more part of a stream. */
export interface ISearchProgress {
  /** In the order of the text; after many, they are only counted. */
  readonly hits: readonly IHit[];
  /** Since the beginning of the search. */
  readonly count: number;
  /** Bytes searched so far, and bytes in all. */
  readonly scanned: number;
  readonly size: number;
}

/** Reads long streams. No answer is larger than about a megabyte. */
export interface IStreamClient {
  /** Where the browser may save the whole text from. */
  url(id: StreamId): string;

  /**
   * @throws `ArtifactError`, after the unavailable ones were tried again for about a minute.
   */
  lines(id: StreamId, query: LinesQuery, options?: ILinesOptions): Promise<ILines>;

  /**
   * Search the whole text, on the server; ends there, too, when the signal says so.
   *
   * @throws `ArtifactError`; another error, with a message for people, when the query cannot be searched for.
   */
  search(
    id: StreamId,
    query: ISearchQuery,
    signal: AbortSignal
  ): AsyncGenerator<ISearchProgress, void>;
}
