/** One run, or two beside each other. */
import { Panel, Widget } from '@lumino/widgets';

import { make, makeChoices } from './elements';
import {
  areEqual,
  MOST_OUTPUTS,
  PairView,
  renderOutputs,
  type IPairContext,
  type Mode,
  type Pair
} from './pair_view';
import type { IRun } from './runs';
import { detailsOf, nameOf } from './wording';

export interface IComparisonContext extends Omit<IPairContext, 'names'> {
  /** What a run is called beside its name. */
  readonly tagOf: (run: IRun) => string;
  /** Put its outputs back into the notebook; null when that makes no sense. */
  readonly restoring: (run: IRun) => (() => void) | null;
  readonly mode: { current: Mode };
}

export class Comparison extends Panel {
  /** @param _runs One or two, the older one first. */
  constructor(
    private readonly _runs: readonly IRun[],
    private readonly _context: IComparisonContext
  ) {
    super();
    this.addClass('jp-CrdtPrevious-comparison');
    this.node.dataset.runs = String(_runs.length);
    this._head();
    this._body = new Panel();
    this.addWidget(this._body);
    this._draw();
  }

  private _head(): void {
    const { words, mode } = this._context;
    const { trans } = words;
    const head = make('div', 'jp-CrdtPrevious-head');
    if (this._runs.length === 2) {
      const modes = [
        { value: 'sides', label: trans.__('Side by Side') },
        { value: 'differences', label: trans.__('Differences') }
      ] as const;
      const choices = makeChoices<Mode>(trans.__('View'), modes, mode.current, chosen => {
        mode.current = chosen;
        this._draw();
      });
      head.append(make('div', 'jp-CrdtPrevious-bar', choices));
    }
    head.append(make('div', 'jp-CrdtPrevious-sides', ...this._runs.map(run => this._title(run))));
    this.addWidget(new Widget({ node: head }));
  }

  private _title(run: IRun): HTMLElement {
    const { words, tagOf, restoring } = this._context;
    const name = make('strong', '', nameOf(run, words));
    const tag = make('span', 'jp-CrdtPrevious-tag', tagOf(run));
    const details = make('span', 'jp-CrdtPrevious-details', detailsOf(run, words));
    const title = make('div', 'jp-CrdtPrevious-title', make('div', '', name, ' ', tag, details));
    const restore = restoring(run);
    if (restore) {
      const button = make(
        'button',
        'jp-CrdtPrevious-button jp-mod-accept',
        words.trans.__('Restore These Outputs')
      );
      button.type = 'button';
      button.title = words.trans.__(
        'Put them back into the notebook, for everybody who has it open'
      );
      button.onclick = restore;
      title.append(button);
    }
    return title;
  }

  private _draw(): void {
    for (const widget of [...this._body.widgets]) {
      widget.dispose();
    }
    const notes = this._runs.filter(run => run.outputs === null);
    if (notes.length > 0) {
      this._say(
        notes.map(run => run.note || this._context.words.trans.__('No outputs.')).join(' ')
      );
    }
    const [only, other] = this._runs;
    if (only && !other) {
      this._body.addWidget(renderOutputs([...(only.outputs ?? [])], this._context));
    } else {
      this._drawPairs(0);
    }
  }

  private _drawPairs(start: number): void {
    const { mode, words } = this._context;
    const [before, after] = this._runs.map(run => run.outputs ?? []);
    const count = Math.max(before?.length ?? 0, after?.length ?? 0);
    const names = this._runs.map(run => nameOf(run, words));
    const context = { ...this._context, names: [names[0] ?? '', names[1] ?? ''] as const };
    for (let at = start; at < Math.min(count, start + MOST_OUTPUTS); at++) {
      const pair: Pair = [before?.[at] ?? null, after?.[at] ?? null];
      this._body.addWidget(new PairView(pair, context, mode.current));
    }
    if (start === 0 && count > 0 && before?.length === after?.length && this._areAllEqual()) {
      this._say(words.trans.__('Both runs put out the same.'), 0);
    }
    if (count > start + MOST_OUTPUTS) {
      this._addMore(start + MOST_OUTPUTS);
    }
  }

  private _areAllEqual(): boolean {
    const [before, after] = this._runs.map(run => run.outputs ?? []);
    return before?.every((output, at) => areEqual([output, after?.[at] ?? null])) ?? false;
  }

  private _addMore(start: number): void {
    const button = make(
      'button',
      'jp-CrdtPrevious-button',
      this._context.words.trans.__('Show more outputs')
    );
    button.type = 'button';
    const widget = new Widget({ node: make('div', 'jp-CrdtPrevious-note', button) });
    button.onclick = () => {
      widget.dispose();
      this._drawPairs(start);
    };
    this._body.addWidget(widget);
  }

  private _say(text: string, at = this._body.widgets.length): void {
    const note = make('div', 'jp-CrdtPrevious-note', text);
    note.setAttribute('role', 'status');
    this._body.insertWidget(at, new Widget({ node: note }));
  }

  private readonly _body: Panel;
}
