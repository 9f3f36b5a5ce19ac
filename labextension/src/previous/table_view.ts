/** Two tables in one: rows and cells that differ have both values, and a mark. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatCount } from '../format';
import { folded, make } from './elements';
import type { ICell, IRow, ITableDiff, RowChange } from './table_diff';
import type { IWords } from './wording';

const SIGNS: Record<RowChange, string> = { same: '', changed: '≠', removed: '−', added: '+' };

export function makeTableView(diff: ITableDiff, words: IWords): HTMLElement {
  const { trans } = words;
  const table = make('table', 'jp-CrdtPrevious-table');
  table.setAttribute('aria-label', trans.__('What differs between the tables'));
  const head = table.createTHead();
  head.append(...diff.head.map(row => makeRow(row, 'th', trans)));
  const body = table.createTBody();
  const width =
    1 + Math.max(0, ...[...diff.head, ...diff.body].slice(0, 1).map(row => row.cells.length));
  for (const part of folded(diff.body, row => row.change === 'same', 2)) {
    if (Array.isArray(part)) {
      body.append(...part.map(row => makeRow(row, 'td', trans)));
    } else {
      body.append(makeFold(part.hidden, width, words));
    }
  }
  const view = make('div', 'jp-CrdtPrevious-tableFrame', table);
  view.tabIndex = 0;
  return view;
}

function makeFold(
  hidden: readonly IRow[],
  width: number,
  { trans, locale }: IWords
): HTMLTableRowElement {
  const count = hidden.length;
  const label = trans._n(
    'Show %2 equal row',
    'Show %2 equal rows',
    count,
    formatCount(count, locale)
  );
  const button = make('button', 'jp-CrdtPrevious-fold', label);
  button.type = 'button';
  const cell = make('td', '', button);
  cell.colSpan = width;
  const row = make('tr', '', cell);
  button.onclick = () => {
    row.replaceWith(...hidden.map(each => makeRow(each, 'td', trans)));
  };
  return row;
}

function makeRow(row: IRow, tag: 'th' | 'td', trans: TranslationBundle): HTMLTableRowElement {
  const sign = make('td', 'jp-CrdtPrevious-sign', SIGNS[row.change]);
  const words: Record<RowChange, string> = {
    same: '',
    changed: trans.__('changed'),
    removed: trans.__('only before'),
    added: trans.__('only after')
  };
  sign.title = words[row.change];
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
