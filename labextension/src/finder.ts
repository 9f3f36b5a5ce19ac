/** A search through a long stream. */
import type { IFound } from './line_list';
import type { StreamId } from './reference';
import type { IHit, ISearchProgress, ISearchQuery, IStreamClient } from './streams';

/** `idle` without anything to look for. */
export type FinderState = 'idle' | 'searching' | 'done' | 'failed';

/** Finds the hits in order; the reader is brought to the first one that is not before where the search began. */
export class Finder implements IFound {
  /**
   * @param _changed Called whenever there is more to tell, with the hit that the reader is to be brought to if there is
   *   another one.
   */
  constructor(
    private readonly _client: IStreamClient,
    private readonly _changed: (hit: IHit | null) => void
  ) {}

  get state(): FinderState {
    return this._state;
  }

  /** Why it failed. */
  get error(): unknown {
    return this._error;
  }

  /** How often something was found so far; more often than there are places to go to, when it is very often. */
  get count(): number {
    return this._count;
  }

  /** The part of the text that was searched, from 0 to 1. */
  get progress(): number {
    return this._progress;
  }

  get byLine(): ReadonlyMap<number, readonly IHit[]> {
    return this._byLine;
  }

  get current(): IHit | null {
    return this._hits[this._index] ?? null;
  }

  /** The number of the current hit, from 1. */
  get position(): number {
    return this._index + 1;
  }

  /** Search anew, beginning with this line; what was found before is forgotten. */
  async find(id: StreamId, query: ISearchQuery, from: number): Promise<void> {
    this.clear();
    if (query.text === '') {
      return;
    }
    const { signal } = (this._attempt = new AbortController());
    this._state = 'searching';
    this._changed(null);
    try {
      for await (const progress of this._client.search(id, query, signal)) {
        if (signal.aborted) {
          return;
        }
        const known = this._hits.length;
        this._add(progress);
        const next = this._hits.findIndex((hit, index) => index >= known && hit.line >= from);
        this._select(this.current || next < 0 ? this._index : next);
      }
      this._state = 'done';
      this._select(this.current ? this._index : 0);
    } catch (error) {
      if (!signal.aborted) {
        this._state = 'failed';
        this._error = error;
        this._changed(null);
      }
    }
  }

  /** To the next hit, or with -1 to the one before, around the end of the text. */
  step(by: 1 | -1): void {
    const { length } = this._hits;
    if (length > 0) {
      const start = this._index < 0 && by < 0 ? 0 : this._index;
      this._select((start + by + length) % length);
    }
  }

  /** Stop, and forget what was found. */
  clear(): void {
    this._attempt?.abort();
    this._hits = [];
    this._byLine = new Map();
    this._index = -1;
    this._count = this._progress = 0;
    this._state = 'idle';
    this._error = null;
    this._changed(null);
  }

  private _add({ hits, count, scanned, size }: ISearchProgress): void {
    const fresh = new Map<number, IHit[]>();
    for (const hit of hits) {
      this._hits.push(hit);
      const line = fresh.get(hit.line) ?? [...(this._byLine.get(hit.line) ?? [])];
      line.push(hit);
      fresh.set(hit.line, line);
    }
    for (const [line, found] of fresh) {
      this._byLine.set(line, found);
    }
    this._count = count;
    this._progress = size > 0 ? scanned / size : 1;
  }

  private _select(index: number): void {
    const before = this.current;
    this._index = Math.min(index, this._hits.length - 1);
    this._changed(this.current === before ? null : this.current);
  }

  private _attempt: AbortController | null = null;
  private _state: FinderState = 'idle';
  private _error: unknown = null;
  private _hits: IHit[] = [];
  private _byLine = new Map<number, readonly IHit[]>();
  private _index = -1;
  private _count = 0;
  private _progress = 0;
}
