/** Brings into memory what one wants to read of a long stream: its end, while that moves, or another part. */
import type { IDisposable } from '@lumino/disposable';

import type { IFetchOptions } from './artifacts';
import { Asker, type Report } from './asker';
import type { LineBuffer } from './buffer';
import { Fetcher } from './fetcher';
import { Follower } from './follower';
import { LoadedPart, type StreamState } from './loaded';
import type { StreamId } from './reference';
import type { Target } from './scroller';
import type { ILines, IStreamClient } from './streams';

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
    this._fetcher = new Fetcher(this._asker);
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
    this._fetcher.stop();
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
    void this._fetcher.fetch({ tail: this.follows ? this.buffer.page : 0 }, part => {
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
      this._fetcher.stop();
      this._host.refresh(wanted);
      return;
    }
    const { page } = this.buffer;
    void this._fetcher.fetchBefore(Math.max(0, wanted - LINES_BEFORE), wanted + 1, page, part => {
      this._loaded.take(part, true);
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
    void this._fetcher.fetch({ tail: this.buffer.page }, part => {
      this._loaded.take(part, true);
      this._host.refresh('end');
    });
  }

  /** Fetch what is before or after the lines in memory, if there is any and nothing else is being fetched. */
  extend(side: 'start' | 'end'): void {
    const { first, end, page } = this.buffer;
    if (this._fetcher.isBusy || (side === 'start' ? first === 0 : this.isAtEnd)) {
      return;
    }
    const show = (part: ILines): void => {
      this._loaded.take(part, true);
      this._host.refresh('place');
    };
    if (side === 'start') {
      void this._fetcher.fetchBefore(Math.max(0, first - page), first, 0, show);
    } else {
      void this._fetcher.fetch({ from: end, count: page }, show);
    }
  }

  /** Try again what did not work. */
  retry(): void {
    this._asker.retry();
  }

  private readonly _loaded = new LoadedPart();
  private readonly _asker: Asker;
  private readonly _fetcher: Fetcher;
  private readonly _follower: Follower;
}
