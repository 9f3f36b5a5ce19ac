/** What is known of a long stream: the lines that are in memory, and how it was when it was last heard of. */
import { LineBuffer } from './buffer';
import type { ILines } from './streams';

/** Lines and bytes in all, and whether there may come more. */
export type StreamState = Pick<ILines, 'total' | 'size' | 'live'>;

export class LoadedPart {
  readonly buffer = new LineBuffer();

  get state(): StreamState {
    return this._state;
  }

  get revision(): string {
    return this._revision;
  }

  /** Whether the last line is in memory. */
  get isAtEnd(): boolean {
    return this.buffer.end >= this._state.total;
  }

  /** Take in what was answered: of the lines themselves only those that were asked for to be kept. */
  take(part: ILines, withLines: boolean): void {
    const { total, size, live } = part;
    this._state = { total, size, live };
    this._revision = part.revision;
    if (withLines) {
      this.buffer.put(part);
    }
  }

  private _state: StreamState = { total: 0, size: 0, live: false };
  private _revision = '';
}
