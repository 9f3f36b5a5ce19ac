/** The part of a long stream that is in memory: lines without a gap, and never many of them. */
import type { ILines } from './streams';

const MOST_LINES = 2000;

/** Of all lines together, since some are long. */
const MOST_CHARACTERS = 4_000_000;

export class LineBuffer {
  /** The number of the first line that is here. */
  get first(): number {
    return this._first;
  }

  /** The number of the line after the last that is here. */
  get end(): number {
    return this._first + this._lines.length;
  }

  get lines(): readonly string[] {
    return this._lines;
  }

  has(line: number): boolean {
    return line >= this.first && line < this.end;
  }

  /** The size in bytes of a line that is not here whole. */
  clippedSize(line: number): number | null {
    return this._clipped.get(line) ?? null;
  }

  /** How many lines of this stream make a good question. */
  get page(): number {
    const average = characters(this._lines) / Math.max(1, this._lines.length);
    return Math.max(16, Math.min(MOST_LINES / 4, Math.floor(MOST_CHARACTERS / 16 / (average + 1))));
  }

  /**
   * Take lines in: those that join what is here are added, and as many are dropped on the other side when there are too
   * many; those that do not join it take its place.
   */
  put(part: ILines): void {
    const partEnd = part.first + part.lines.length;
    if (part.lines.length > 0 && (part.first > this.end || partEnd < this.first)) {
      this._first = part.first;
      this._lines = [...part.lines];
      this._clipped.clear();
    } else if (part.lines.length > 0) {
      const before = this._lines.slice(0, Math.max(0, part.first - this.first));
      const after = this._lines.slice(Math.max(0, partEnd - this.first));
      const grewAtStart = part.first < this.first;
      this._first = Math.min(this.first, part.first);
      this._lines = [...before, ...part.lines, ...after];
      this._trim(grewAtStart);
    }
    for (let line = part.first; line < partEnd; line++) {
      this._setClipped(line, part.clipped.get(line));
    }
    this._lines.length = Math.min(this._lines.length, Math.max(0, part.total - this.first));
  }

  private _trim(atEnd: boolean): void {
    let excess = characters(this._lines) - MOST_CHARACTERS;
    while (excess > 0 || this._lines.length > MOST_LINES) {
      const line = atEnd ? this.end - 1 : this.first;
      const text = atEnd ? this._lines.pop() : this._lines.shift();
      this._first += atEnd ? 0 : 1;
      this._clipped.delete(line);
      excess -= text?.length ?? 0;
    }
  }

  private _setClipped(line: number, size: number | undefined): void {
    if (size === undefined || !this.has(line)) {
      this._clipped.delete(line);
    } else {
      this._clipped.set(line, size);
    }
  }

  private _first = 0;
  private _lines: string[] = [];
  private readonly _clipped = new Map<number, number>();
}

function characters(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
