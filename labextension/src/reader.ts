/** Brings into memory what one wants to read of a long stream: its end, while that moves, or another part. */
import type { IDisposable } from '@lumino/disposable';

import type { IFetchOptions } from './artifacts';
import { Asker, type Report } from './asker';
import type { LineBuffer } from './buffer';
import { Follower } from './follower';
import { LoadedPart, type StreamState } from './loaded';
import type { StreamId } from './reference';
import type { Target } from './scroller';
import type { ILines, IStreamClient, LinesQuery } from './streams';

/** So many lines before one that was asked for are fetched, too. */
const LINES_BEFORE = 50;

/** What a reader shows itself with. */
export interface IReaderHost {
  /** Show what is in the buffer, and the state. */
  refresh(target: Target): void;
  readonly report: Report;
}

export class StreamReader implements IDisposable {
  constructor(
    private readonly _client: IStreamClient,
    id: StreamId,
    private readonly _host: IReaderHost
  ) {
    this._asker = new Asker(_client, id, _host.report);
    this._follower = new Follower(this._asker, this._loaded, () => {
      _host.refresh(this.follows ? 'end' : 'place');
    });
  }

  get id(): StreamId {
    return this._asker.id;
  }

  get buffer(): LineBuffer {
    return this._loaded.buffer;
  }

  /** How the stream is, as it was last heard. */
  get state(): StreamState {
    return this._loaded.state;
  }

  /** Whether the last line is in memory. */
  get isAtEnd(): boolean {
    return this._loaded.isAtEnd;
  }

  get isDisposed(): boolean {
    return this._follower.isDisposed;
  }

  dispose(): void {
    this._question?.abort();
    this._follower.dispose();
  }

  /** Whether the end is kept in sight while it moves. */
  get follows(): boolean {
    return this._follower.follows;
  }

  set follows(value: boolean) {
    this._follower.follows = value;
  }

  /** Whether anybody looks: who does not look need not be told what is new. */
  set isWatched(value: boolean) {
    this._follower.isWatched = value;
  }

  /** Fetch the end, to begin with. */
  async load(options: IFetchOptions): Promise<void> {
    const part = await this._client.lines(this.id, { tail: this.buffer.page }, options);
    this._loaded.take(part, true);
  }

  /** Go on with the same text, which the server knows by another name now. */
  continueAs(id: StreamId): void {
    this._asker.id = id;
    this._follower.stop();
    void this._ask({ tail: this.follows ? this.buffer.page : 0 }, part => {
      this._loaded.take(part, this.follows);
      this._host.refresh(this.follows ? 'end' : 'place');
      this._follower.start();
    });
  }

  /** Bring a line into sight; the nearest one if there is none. */
  goTo(line: number): void {
    const wanted = Math.max(0, Math.min(line, this.state.total - 1));
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
      this._loaded.take(part, true);
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
        this._loaded.take(part, true);
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
        this._loaded.take(part, true);
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

  /** Try again what did not work. */
  retry(): void {
    this._asker.retry();
  }

  private readonly _loaded = new LoadedPart();
  private readonly _asker: Asker;
  private readonly _follower: Follower;
  private _question: AbortController | null = null;
}
