/** Two texts in one, with marks on the lines that only one of them has. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatCount } from '../format';
import { make, makeScrolled } from './elements';
import { drawFolded } from './folding';
import type { Change, ILine } from './text_diff';
import type { IWords } from './wording';

const SIGNS: Record<Change, string> = { same: ' ', removed: '−', added: '+' };

export function makeTextView(lines: readonly ILine[], { trans, locale }: IWords): HTMLElement {
  const drawn = drawFolded(lines, {
    isSame: line => line.change === 'same',
    draw: line => makeLine(line, trans),
    label: count =>
      trans._n('Show %2 equal line', 'Show %2 equal lines', count, formatCount(count, locale))
  });
  return makeScrolled('jp-CrdtPrevious-text', trans.__('What differs between the texts'), ...drawn);
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
