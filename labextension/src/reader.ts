/** Which part of a long stream is in memory: it follows the end, or the one who reads. */
import type { IDisposable } from '@lumino/disposable';

import type { IFetchOptions } from './artifacts';
import { LineBuffer } from './buffer';
import type { StreamId } from './reference';
import { pause } from './requests';
import type { Target } from './scroller';
import type { ILines, ILinesOptions, IStreamClient, LinesQuery } from './streams';

/** Between two questions for what is new: more pictures a second are not seen. */
const FOLLOW_MS = 200;

/** The same when only the numbers are to be seen. */
const COUNT_MS = 1000;

/** So many lines before one that was asked for are fetched, too. */
const LINES_BEFORE = 50;

/** What a reader shows itself with. */
export interface IReaderHost {
  /** Show what is in the buffer, and the state. */
  refresh(target: Target): void;
  /** Tell that something cannot be had, and when the next try is; or, with null, that all is well again. */
  report(error: unknown, retryMs: number | null): void;
}

export class StreamReader implements IDisposable {
  readonly buffer = new LineBuffer();

  constructor(
    private readonly _client: IStreamClient,
    private _id: StreamId,
    private readonly _host: IReaderHost
  ) {}

  get id(): StreamId {
    return this._id;
  }

  /** Lines and bytes in all, and whether there may come more, as it was last heard. */
  get state(): Pick<ILines, 'total' | 'size' | 'live'> {
    return this._state;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._question?.abort();
    this._watching?.abort();
  }

  /** Whether the last line is in memory. */
  get isAtEnd(): boolean {
    return this.buffer.end >= this._state.total;
  }

  /** Whether the end is kept in sight while it moves. */
  get follows(): boolean {
    return this._follows;
  }

  set follows(value: boolean) {
    if (this._follows !== value) {
      this._follows = value;
      this._watch();
    }
  }

  /** Whether anybody looks: who does not look need not be told what is new. */
  set isWatched(value: boolean) {
    if (this._isWatched !== value) {
      this._isWatched = value;
      this._watch();
    }
  }

  /** Fetch the end, to begin with. */
  async load(options: IFetchOptions): Promise<void> {
    this._take(await this._client.lines(this._id, { tail: this.buffer.page }, options), true);
  }

  /** Go on with the same text, which the server knows by another name now. */
  continueAs(id: StreamId): void {
    this._id = id;
    this._watching?.abort();
    void this._ask({ tail: this._follows ? this.buffer.page : 0 }, part => {
      this._take(part, this._follows);
      this._host.refresh(this._follows ? 'end' : 'place');
      this._watch();
    });
  }

  /** Bring a line into sight; the nearest one if there is none. */
  goTo(line: number): void {
    const wanted = Math.max(0, Math.min(line, this._state.total - 1));
    this.follows = false;
    if (this.buffer.has(wanted)) {
      this._question?.abort();
      this._host.refresh(wanted);
      return;
    }
    const { page } = this.buffer;
    void this._fetch(Math.max(0, wanted - LINES_BEFORE), wanted + 1, page, () => {
      this._host.refresh(wanted);
    });
  }

  /** Bring the end into sight and keep it there. */
  goToEnd(): void {
    this.follows = true;
    if (this.isAtEnd) {
      this._host.refresh('end');
      return;
    }
    void this._ask({ tail: this.buffer.page }, part => {
      this._take(part, true);
      this._host.refresh('end');
    });
  }

  /** Fetch what is before or after the lines in memory, if there is any and nothing else is being fetched. */
  extend(side: 'start' | 'end'): void {
    const { first, end, page } = this.buffer;
    if (this._question || (side === 'start' ? first === 0 : this.isAtEnd)) {
      return;
    }
    const show = (): void => {
      this._host.refresh('place');
    };
    if (side === 'start') {
      void this._fetch(Math.max(0, first - page), first, 0, show);
    } else {
      void this._ask({ from: end, count: page }, part => {
        this._take(part, true);
        show();
      });
    }
  }

  /**
   * Fetch the line before *until*, with those from *from* on as far as one answer holds them, and *count* lines in all if
   * there are so many.
   */
  private _fetch(from: number, until: number, count: number, then: () => void): Promise<void> {
    return this._ask({ from, count: Math.max(count, until - from) }, part => {
      if (part.first + part.lines.length < Math.min(until, part.total) && from < until - 1) {
        void this._fetch(Math.ceil((from + until) / 2), until, count, then);
      } else {
        this._take(part, true);
        then();
      }
    });
  }

  /** A question of the reader's; the latest counts. */
  private async _ask(query: LinesQuery, then: (part: ILines) => void): Promise<void> {
    this._question?.abort();
    const question = (this._question = new AbortController());
    const { signal } = question;
    const again = (): void => {
      void this._ask(query, then);
    };
    try {
      const part = await this._lines(query, { signal }, again);
      if (!signal.aborted) {
        this._question = null;
        then(part);
      }
    } catch (error) {
      if (!signal.aborted) {
        this._fail(error, null, again);
      }
    } finally {
      if (this._question === question) {
        this._question = null;
      }
    }
  }

  /** Ask for what is new, one question at a time, for as long as somebody looks and there may come more. */
  private _watch(): void {
    this._watching?.abort();
    if (this._isWatched && this._state.live && !this._isDisposed) {
      const { signal } = (this._watching = new AbortController());
      this._watchUntil(signal).catch((error: unknown) => {
        if (!signal.aborted) {
          this._fail(error, null, () => {
            this._watch();
          });
        }
      });
    }
  }

  private async _watchUntil(signal: AbortSignal): Promise<void> {
    const again = (): void => {
      this._watch();
    };
    let isFast = false;
    let isBehind = false;
    while (this._state.live) {
      const { page } = this.buffer;
      const from = Math.max(0, Math.min(this._state.total, this.buffer.end) - 1);
      const news = isFast ? { tail: page } : { from, count: page };
      const after = isBehind ? undefined : this._revision;
      const query = this._follows ? news : { tail: 0 };
      const part = await this._lines(query, { signal, after }, again);
      signal.throwIfAborted();
      // Of much that is new, only the end will be seen.
      isBehind = this._follows && part.first + part.lines.length < part.total;
      isFast = isBehind || (isFast && part.first > this.buffer.end);
      this._take(part, this._follows && !isBehind);
      if (!isBehind) {
        this._host.refresh(this._follows ? 'end' : 'place');
        await pause(this._follows ? FOLLOW_MS : COUNT_MS, signal);
      }
    }
  }

  private async _lines(
    query: LinesQuery,
    options: ILinesOptions,
    again: () => void
  ): Promise<ILines> {
    const onRetry = (error: unknown, delayMs: number): void => {
      this._fail(error, delayMs, again);
    };
    const part = await this._client.lines(this._id, query, { ...options, onRetry });
    if (this._again && !options.signal?.aborted) {
      this._again = null;
      this._host.report(null, null);
    }
    return part;
  }

  /** Try again what did not work. */
  retry(): void {
    this._again?.();
  }

  private _fail(error: unknown, retryMs: number | null, again: () => void): void {
    this._again = again;
    this._host.report(error, retryMs);
  }

  private _take(part: ILines, withLines: boolean): void {
    const { total, size, live } = part;
    this._state = { total, size, live };
    this._revision = part.revision;
    if (withLines) {
      this.buffer.put(part);
    }
  }

  private _state: Pick<ILines, 'total' | 'size' | 'live'> = { total: 0, size: 0, live: false };
  private _revision = '';
  private _follows = true;
  private _isWatched = false;
  private _isDisposed = false;
  private _again: (() => void) | null = null;
  private _question: AbortController | null = null;
  private _watching: AbortController | null = null;
}
