/** What differs between two tables in HTML, cell by cell. Only text is taken out of them: no script, style or link. */
import { diffArrays } from 'diff';

export interface ITable {
  readonly head: readonly (readonly string[])[];
  readonly body: readonly (readonly string[])[];
}

export type RowChange = 'same' | 'changed' | 'removed' | 'added';

/** A cell of both tables; one of them may lack its row or its column. */
export interface ICell {
  readonly before: string | null;
  readonly after: string | null;
}

export interface IRow {
  readonly change: RowChange;
  readonly cells: readonly ICell[];
}

export interface ITableDiff {
  readonly head: readonly IRow[];
  readonly body: readonly IRow[];
}

/** Larger tables are not compared: a page would take too long to draw what comes of it. */
const MOST_CELLS = 50_000;
const MOST_SPANNED = 1000;
const PATIENCE_MS = 3000;

/** The only table of a page, its spans filled with what they span; null when there is none, or several, or a huge one. */
export function tableIn(html: string): ITable | null {
  // Such a document has no window: nothing in it runs, and nothing is fetched for it.
  const tables = new DOMParser().parseFromString(html, 'text/html').querySelectorAll('table');
  const [table] = tables;
  if (tables.length !== 1 || !table) {
    return null;
  }
  const rows = gridOf([...table.rows]);
  if (!rows) {
    return null;
  }
  const heads = [...table.rows].filter(row => row.parentElement?.tagName === 'THEAD').length;
  return { head: rows.slice(0, heads), body: rows.slice(heads) };
}

/** Null when they differ in so much that it would take the page too long. */
export function diffTables(before: ITable, after: ITable): ITableDiff | null {
  const columns = columnsOf(before, after);
  const head = columns && pairRows(before.head, after.head, columns);
  const body = columns && pairRows(before.body, after.body, columns);
  return head && body && { head, body };
}

/** Where a column is in each of the tables. */
interface IColumn {
  readonly before: number | null;
  readonly after: number | null;
}

/** Columns are the same when their heads are; without heads, when they are as many. */
function columnsOf(before: ITable, after: ITable): IColumn[] | null {
  const widths = [before, after].map(({ head, body }) =>
    Math.max(0, ...[...head, ...body].slice(0, MOST_SPANNED).map(row => row.length))
  );
  const [names, others] = [before, after].map(({ head }, index) =>
    Array.from({ length: widths[index] ?? 0 }, (_, at) =>
      head.length ? head.map(row => row[at] ?? '').join('\n') : String(at)
    )
  );
  return align(names ?? [], others ?? []);
}

function pairRows(
  before: readonly (readonly string[])[],
  after: readonly (readonly string[])[],
  columns: readonly IColumn[]
): IRow[] | null {
  // What only one of the tables has a column for makes no row another one.
  const common = columns.filter(column => column.before !== null && column.after !== null);
  const pairs = align(
    before.map(row => keyOf(common.map(column => row[column.before ?? 0] ?? ''))),
    after.map(row => keyOf(common.map(column => row[column.after ?? 0] ?? '')))
  );
  return (
    pairs &&
    joined(pairs).map(pair => {
      const [old, now] = [
        pair.before === null ? null : (before[pair.before] ?? null),
        pair.after === null ? null : (after[pair.after] ?? null)
      ];
      const cells = columns.map(column => ({
        before: old && column.before !== null ? (old[column.before] ?? '') : null,
        after: now && column.after !== null ? (now[column.after] ?? '') : null
      }));
      const isSame = cells.every(cell => cell.before === cell.after);
      return { change: !old ? 'added' : !now ? 'removed' : isSame ? 'same' : 'changed', cells };
    })
  );
}

/** Which of some things are where in both lists, in order. */
function align(before: readonly string[], after: readonly string[]): IColumn[] | null {
  const changes = diffArrays([...before], [...after], { timeout: PATIENCE_MS });
  if (!changes) {
    return null;
  }
  const found: IColumn[] = [];
  let [old, now] = [0, 0];
  for (const { value, added, removed } of changes) {
    for (let count = 0; count < value.length; count++) {
      found.push({ before: added ? null : old++, after: removed ? null : now++ });
    }
  }
  return found;
}

/** Rows that went where others came are those others in another form, as far as there are any. */
function joined(pairs: readonly IColumn[]): IColumn[] {
  const found: IColumn[] = [];
  let run = { removed: [] as IColumn[], added: [] as IColumn[] };
  const flush = (): void => {
    for (let at = 0; at < Math.max(run.removed.length, run.added.length); at++) {
      const [old, now] = [run.removed[at], run.added[at]];
      found.push({ before: old?.before ?? null, after: now?.after ?? null });
    }
    run = { removed: [], added: [] };
  };
  for (const pair of pairs) {
    if (pair.after === null) {
      run.removed.push(pair);
    } else if (pair.before === null) {
      run.added.push(pair);
    } else {
      flush();
      found.push(pair);
    }
  }
  flush();
  return found;
}

function gridOf(rows: readonly HTMLTableRowElement[]): string[][] | null {
  const grid: string[][] = rows.map(() => []);
  let count = 0;
  for (const [y, row] of rows.entries()) {
    let x = 0;
    for (const cell of row.cells) {
      const line = grid[y] ?? [];
      while (line[x] !== undefined) {
        x++;
      }
      const [width, height] = [cell.colSpan, cell.rowSpan].map(span =>
        Math.min(Math.max(1, span), MOST_SPANNED)
      );
      const text = cell.textContent.trim();
      for (let below = 0; below < (height ?? 1) && y + below < rows.length; below++) {
        for (let right = 0; right < (width ?? 1); right++) {
          if (++count > MOST_CELLS) {
            return null;
          }
          (grid[y + below] ?? [])[x + right] = text;
        }
      }
      x += width ?? 1;
    }
  }
  // A span from above may have left holes.
  return grid.map(line => Array.from(line, (text?: string) => text ?? ''));
}

function keyOf(cells: readonly string[]): string {
  return JSON.stringify(cells);
}
