/** What one run has put out, or two beside each other. */
import { Panel, Widget } from '@lumino/widgets';

import { areEqual } from './comparable';
import { make, makeButton, makeNote } from './elements';
import { PairView, type IPairContext, type Mode, type Pair } from './pair_view';
import { MOST_OUTPUTS, renderOutputs } from './rendered';
import type { IRun } from './runs';
import { nameOf } from './wording';

export class Comparison extends Panel {
  /** @param _runs One or two, the older one first. */
  constructor(
    private readonly _runs: readonly IRun[],
    private readonly _context: Omit<IPairContext, 'names'>,
    mode: Mode
  ) {
    super();
    const { trans } = _context.words;
    this.addClass('jp-CrdtPrevious-comparison');
    const missing = _runs.filter(run => run.outputs === null);
    if (missing.length > 0) {
      this._say(missing.map(run => run.note || trans.__('No outputs.')).join(' '));
    }
    const [only, other] = _runs;
    if (only && other) {
      const pairs = pairsOf(only, other);
      if (pairs.length > 0 && pairs.every(([before, after]) => areEqual(before, after))) {
        this._say(trans.__('Both runs put out the same.'));
      }
      this._draw(pairs, mode);
    } else if (only) {
      this.addWidget(renderOutputs(only.outputs ?? [], _context));
    }
  }

  private _draw(pairs: readonly Pair[], mode: Mode): void {
    const { words } = this._context;
    const [before = '', after = ''] = this._runs.map(run => nameOf(run, words));
    const context = { ...this._context, names: [before, after] as const };
    for (const pair of pairs.slice(0, MOST_OUTPUTS)) {
      this.addWidget(new PairView(pair, context, mode));
    }
    const rest = pairs.slice(MOST_OUTPUTS);
    if (rest.length > 0) {
      const button = makeButton(
        'jp-CrdtPrevious-button',
        words.trans.__('Show more outputs'),
        () => {
          more.dispose();
          this._draw(rest, mode);
        }
      );
      const more = new Widget({ node: make('div', 'jp-CrdtPrevious-note', button) });
      this.addWidget(more);
    }
  }

  private _say(text: string): void {
    this.addWidget(new Widget({ node: makeNote(text) }));
  }
}

function pairsOf({ outputs: before }: IRun, { outputs: after }: IRun): Pair[] {
  const length = Math.max(before?.length ?? 0, after?.length ?? 0);
  return Array.from({ length }, (_, at) => [before?.[at] ?? null, after?.[at] ?? null]);
}
