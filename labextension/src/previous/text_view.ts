/** Two texts in one, with marks on the lines that only one of them has. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatCount } from '../format';
import { folded, make } from './elements';
import type { Change, ILine } from './text_diff';
import type { IWords } from './wording';

const SIGNS: Record<Change, string> = { same: ' ', removed: '−', added: '+' };

export function makeTextView(lines: readonly ILine[], { trans, locale }: IWords): HTMLElement {
  const view = make('div', 'jp-CrdtPrevious-text');
  view.tabIndex = 0;
  view.setAttribute('role', 'group');
  view.setAttribute('aria-label', trans.__('What differs between the texts'));
  for (const part of folded(lines, line => line.change === 'same')) {
    if (Array.isArray(part)) {
      view.append(...part.map(line => makeLine(line, trans)));
    } else {
      const count = part.hidden.length;
      const label = trans._n(
        'Show %2 equal line',
        'Show %2 equal lines',
        count,
        formatCount(count, locale)
      );
      const button = make('button', 'jp-CrdtPrevious-fold', label);
      button.type = 'button';
      button.onclick = () => {
        button.replaceWith(...part.hidden.map(line => makeLine(line, trans)));
      };
      view.append(button);
    }
  }
  return view;
}

function makeLine({ change, pieces }: ILine, trans: TranslationBundle): HTMLElement {
  const sign = make('span', 'jp-CrdtPrevious-sign', SIGNS[change]);
  const text = pieces.map(piece =>
    piece.isMarked ? make('mark', '', piece.text) : document.createTextNode(piece.text)
  );
  // As a browser tells a screen reader of them: deletion, insertion.
  const tag = change === 'removed' ? 'del' : change === 'added' ? 'ins' : 'span';
  const line = make('div', 'jp-CrdtPrevious-line', sign, make(tag, '', ...text));
  line.dataset.change = change;
  if (change !== 'same') {
    sign.setAttribute(
      'aria-label',
      change === 'removed' ? trans.__('only before') : trans.__('only after')
    );
    sign.setAttribute('role', 'img');
  }
  return line;
}
