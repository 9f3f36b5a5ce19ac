/** Two tables in one: rows and cells that differ have both values, and a mark. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatCount } from '../format';
import { make, makeScrolled } from './elements';
import { drawFolded } from './folding';
import type { ICell, IRow, ITableDiff, RowChange } from './table_diff';
import type { IWords } from './wording';

const SIGNS: Record<RowChange, string> = { same: '', changed: '≠', removed: '−', added: '+' };

export function makeTableView(diff: ITableDiff, { trans, locale }: IWords): HTMLElement {
  const table = make('table', 'jp-CrdtPrevious-table');
  table.createTHead().append(...diff.head.map(row => makeRow(row, 'th', trans)));
  const [row] = [...diff.head, ...diff.body];
  const width = 1 + (row?.cells.length ?? 0);
  const drawn = drawFolded(diff.body, {
    isSame: each => each.change === 'same',
    around: 2,
    draw: each => makeRow(each, 'td', trans),
    label: count =>
      trans._n('Show %2 equal row', 'Show %2 equal rows', count, formatCount(count, locale)),
    frame: button => {
      const cell = make('td', '', button);
      cell.colSpan = width;
      return make('tr', '', cell);
    }
  });
  table.createTBody().append(...drawn);
  return makeScrolled(
    'jp-CrdtPrevious-tableFrame',
    trans.__('What differs between the tables'),
    table
  );
}

function makeRow(row: IRow, tag: 'th' | 'td', trans: TranslationBundle): HTMLTableRowElement {
  const sign = make('td', 'jp-CrdtPrevious-sign', SIGNS[row.change]);
  const words: Record<RowChange, string> = {
    same: '',
    changed: trans.__('changed'),
    removed: trans.__('only before'),
    added: trans.__('only after')
  };
  if (row.change !== 'same') {
    sign.title = words[row.change];
    sign.setAttribute('aria-label', words[row.change]);
  }
  const line = make('tr', '', sign, ...row.cells.map(cell => makeCell(cell, tag)));
  line.dataset.change = row.change;
  return line;
}

function makeCell({ before, after }: ICell, tag: 'th' | 'td'): HTMLElement {
  if (before === after) {
    return make(tag, '', before ?? '');
  }
  const cell = make(tag);
  cell.dataset.change = before === null ? 'added' : after === null ? 'removed' : 'changed';
  if (before !== null) {
    cell.append(make('del', '', before));
  }
  if (after !== null) {
    cell.append(make('ins', '', after));
  }
  return cell;
}
