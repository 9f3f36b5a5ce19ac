/** Which part of a long stream is in memory: it follows the end, or the one who reads. */
import type { IDisposable } from '@lumino/disposable';

import type { IFetchOptions } from './artifacts';
import { Asker, type Report } from './asker';
import { LineBuffer } from './buffer';
import type { StreamId } from './reference';
import { pause } from './requests';
import type { Target } from './scroller';
import type { ILines, IStreamClient, LinesQuery } from './streams';

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
  readonly report: Report;
}

export class StreamReader implements IDisposable {
  readonly buffer = new LineBuffer();

  constructor(
    private readonly _client: IStreamClient,
    id: StreamId,
    private readonly _host: IReaderHost
  ) {
    this._asker = new Asker(_client, id, _host.report);
  }

  get id(): StreamId {
    return this._asker.id;
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
    this._take(await this._client.lines(this.id, { tail: this.buffer.page }, options), true);
  }

  /** Go on with the same text, which the server knows by another name now. */
  continueAs(id: StreamId): void {
    this._asker.id = id;
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
    try {
      const part = await this._asker.lines(query, { signal }, () => void this._ask(query, then));
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

  /** Ask for what is new, one question at a time, for as long as somebody looks and there may come more. */
  private _watch(): void {
    this._watching?.abort();
    if (this._isWatched && this._state.live && !this._isDisposed) {
      const { signal } = (this._watching = new AbortController());
      // What went wrong was told already.
      this._watchUntil(signal).catch(() => undefined);
    }
  }

  private async _watchUntil(signal: AbortSignal): Promise<void> {
    let isFast = false;
    let isBehind = false;
    while (this._state.live) {
      const { page } = this.buffer;
      const from = Math.max(0, Math.min(this._state.total, this.buffer.end) - 1);
      const news = isFast ? { tail: page } : { from, count: page };
      const after = isBehind ? undefined : this._revision;
      const query = this._follows ? news : { tail: 0 };
      const part = await this._asker.lines(query, { signal, after }, () => {
        this._watch();
      });
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

  /** Try again what did not work. */
  retry(): void {
    this._asker.retry();
  }

  private _take(part: ILines, withLines: boolean): void {
    const { total, size, live } = part;
    this._state = { total, size, live };
    this._revision = part.revision;
    if (withLines) {
      this.buffer.put(part);
    }
  }

  private readonly _asker: Asker;
  private _state: Pick<ILines, 'total' | 'size' | 'live'> = { total: 0, size: 0, live: false };
  private _revision = '';
  private _follows = true;
  private _isWatched = false;
  private _isDisposed = false;
  private _question: AbortController | null = null;
  private _watching: AbortController | null = null;
}
