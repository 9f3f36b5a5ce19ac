/** Hears what is new of a stream that is being written, for as long as somebody looks. */
import type { IDisposable } from '@lumino/disposable';

import type { Asker } from './asker';
import type { LoadedPart } from './loaded';
import { pause } from './requests';

/** Between two questions for what is new: more pictures a second are not seen. */
const FOLLOW_MS = 200;

/** The same when only the numbers are to be seen. */
const COUNT_MS = 1000;

export class Follower implements IDisposable {
  /** @param _changed Called when there is something new to see. */
  constructor(
    private readonly _asker: Asker,
    private readonly _loaded: LoadedPart,
    private readonly _changed: () => void
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.stop();
  }

  /** Whether the end is kept in sight while it moves. */
  get follows(): boolean {
    return this._follows;
  }

  set follows(value: boolean) {
    if (this._follows !== value) {
      this._follows = value;
      this.start();
    }
  }

  /** Whether anybody looks: who does not look need not be told what is new. */
  set isWatched(value: boolean) {
    if (this._isWatched !== value) {
      this._isWatched = value;
      this.start();
    }
  }

  /** Ask for what is new, one question at a time, for as long as somebody looks and there may come more. */
  start(): void {
    this.stop();
    if (this._isWatched && this._loaded.state.live && !this._isDisposed) {
      const { signal } = (this._watching = new AbortController());
      // What went wrong was told already.
      this._watchUntil(signal).catch(() => undefined);
    }
  }

  stop(): void {
    this._watching?.abort();
  }

  private async _watchUntil(signal: AbortSignal): Promise<void> {
    let isFast = false;
    let isBehind = false;
    while (this._loaded.state.live) {
      const { buffer, revision, state } = this._loaded;
      const from = Math.max(0, Math.min(state.total, buffer.end) - 1);
      const news = isFast ? { tail: buffer.page } : { from, count: buffer.page };
      const after = isBehind ? undefined : revision;
      const query = this._follows ? news : { tail: 0 };
      const part = await this._asker.lines(query, { signal, after }, () => {
        this.start();
      });
      // Of much that is new, only the end will be seen.
      isBehind = this._follows && part.first + part.lines.length < part.total;
      isFast = isBehind || (isFast && part.first > buffer.end);
      this._loaded.take(part, this._follows && !isBehind);
      if (!isBehind) {
        this._changed();
        await pause(this._follows ? FOLLOW_MS : COUNT_MS, signal);
      }
    }
  }

  private _follows = true;
  private _isWatched = false;
  private _isDisposed = false;
  private _watching: AbortController | null = null;
}
