/** The lines of a long stream that are in the page. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import type { LineBuffer } from './buffer';
import { drawLine, styleAfter, type ILine } from './line_view';
import type { IHit } from './streams';

export interface ILineListOptions {
  readonly sanitizer: IRenderMime.ISanitizer;
  /** What is written after the beginning of a line that is not here whole. */
  readonly clippedNote: (size: number) => string;
}

/** What was found, by lines; a line's list is another one when there is more in it. */
export interface IFound {
  readonly byLine: ReadonlyMap<number, readonly IHit[]>;
  /** The one that the reader was brought to. */
  readonly current: IHit | null;
}

interface IRow extends ILine {
  readonly clippedSize: number | null;
  readonly node: HTMLElement;
}

/** Keeps one element for each line of a buffer; those that look the same stay the same. */
export class LineList {
  readonly node = document.createElement('pre');

  constructor(private readonly _options: ILineListOptions) {
    this.node.className = 'jp-CrdtLog-lines';
  }

  /** Show what is in the buffer now, and mark what was found. */
  show(buffer: LineBuffer, found: IFound): void {
    const rows: IRow[] = [];
    const kept = new Set<IRow>();
    let style = '';
    for (const [index, text] of buffer.lines.entries()) {
      const number = buffer.first + index;
      const hits = found.byLine.get(number) ?? NONE;
      const current = found.current?.line === number ? found.current : null;
      const clippedSize = buffer.clippedSize(number);
      const line = { text, style, hits, current, clippedSize };
      const before = this._rows[number - this._first];
      const row = before && isSame(before, line) ? before : this._draw(line);
      rows.push(row);
      kept.add(row);
      style = styleAfter(text, style);
    }
    for (const row of this._rows) {
      if (!kept.has(row)) {
        row.node.remove();
      }
    }
    this._rows = rows;
    this._first = buffer.first;
    this._insert();
  }

  /** The element of a line, if it is here. */
  element(line: number): HTMLElement | null {
    return this._rows[line - this._first]?.node ?? null;
  }

  /** The line that is at a height of the list, in pixels; the nearest one if there is none. */
  lineAt(top: number): number {
    let [low, high] = [0, this._rows.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const node = this._rows[middle]?.node;
      [low, high] = node && node.offsetTop <= top ? [middle, high] : [low, middle - 1];
    }
    return this._first + low;
  }

  /** What is seen, as text. */
  get text(): string {
    return this._rows.map(({ node }) => `${node.textContent}\n`).join('');
  }

  private _draw(line: Omit<IRow, 'node'>): IRow {
    const node = drawLine(line, this._options.sanitizer);
    if (line.clippedSize !== null) {
      // Drawn by the style sheet, so that it is never copied or found as if it were the stream's.
      node.dataset.note = this._options.clippedNote(line.clippedSize);
    }
    return { ...line, node };
  }

  /** Put new elements between those that are there already. */
  private _insert(): void {
    let next = this.node.firstChild;
    for (const { node } of this._rows) {
      if (node === next) {
        next = node.nextSibling;
      } else {
        this.node.insertBefore(node, next);
      }
    }
  }

  private _rows: readonly IRow[] = [];
  private _first = 0;
}

const NONE: readonly IHit[] = [];

function isSame(row: IRow, line: Omit<IRow, 'node'>): boolean {
  return (
    row.text === line.text &&
    row.style === line.style &&
    row.current === line.current &&
    row.hits === line.hits &&
    row.clippedSize === line.clippedSize
  );
}
