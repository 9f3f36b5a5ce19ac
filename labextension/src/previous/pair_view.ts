/** One output of each of two runs: side by side, or in one with what differs. */
import type { IOutput } from '@jupyterlab/nbformat';
import { Panel, Widget } from '@lumino/widgets';

import type { IArtifactClient } from '../artifacts';
import { formatSize } from '../format';
import type { Settings } from '../settings';
import {
  areComparable,
  areEqual,
  comparableOf,
  type ComparableKind,
  type IComparable
} from './comparable';
import { makeDifferences, whyNot, type IDifferencesOptions } from './differences';
import { make, makeButton, makeNote } from './elements';
import { renderOutputs, type IRendering } from './rendered';
import { textOf } from './wording';

export interface IPairContext extends IRendering, IDifferencesOptions {
  readonly client: IArtifactClient;
  readonly settings: Settings;
}

/** What is shown of the two: rendered, or what differs. */
export type Mode = 'sides' | 'differences';

/** An output of the older run and one of the newer; null where it has none. */
export type Pair = readonly [IOutput | null, IOutput | null];

type Comparable = IComparable & { readonly kind: ComparableKind };

export class PairView extends Panel {
  constructor(
    private readonly _pair: Pair,
    private readonly _context: IPairContext,
    mode: Mode
  ) {
    super();
    this.addClass('jp-CrdtPrevious-pair');
    const [before, after] = _pair;
    const isEqual = areEqual(before, after);
    this.node.dataset.equal = String(isEqual);
    if (mode === 'sides' || !before || !after) {
      this._showSides();
    } else if (isEqual) {
      this._add(makeNote(_context.words.trans.__('The same in both runs:')));
      this.addWidget(renderOutputs([after], _context));
    } else {
      this._compare(before, after);
    }
  }

  override dispose(): void {
    this._stopping.abort();
    super.dispose();
  }

  private _compare(before: IOutput, after: IOutput): void {
    const { rendermime, trusted, settings, words } = this._context;
    const one = comparableOf(before, trusted, rendermime);
    const other = comparableOf(after, trusted, rendermime);
    if (!areComparable(one, other)) {
      this._showSides(whyNot(one.kind, other.kind, words));
      return;
    }
    const { largestTable, largestUnasked } = settings.current;
    if (Math.max(one.size, other.size) <= (one.kind === 'image' ? largestUnasked : largestTable)) {
      void this._load(one, other);
      return;
    }
    const size = formatSize(one.size + other.size, words.locale);
    const label = words.trans.__('Compare them (%1)', size);
    const button = makeButton('jp-CrdtPrevious-button', label, () => {
      void this._load(one, other);
    });
    this._add(make('div', 'jp-CrdtPrevious-note', button));
    this._showSides();
  }

  private async _load(one: Comparable, other: IComparable): Promise<void> {
    const { client, words } = this._context;
    const options = { signal: this._stopping.signal };
    this._clear();
    this._add(makeNote(words.trans.__('Loading…')));
    let found: HTMLElement | string;
    try {
      const loaded = await Promise.all([one.load(client, options), other.load(client, options)]);
      found = makeDifferences(one.kind, loaded, this._context);
    } catch (error) {
      found = words.trans.__('They cannot be compared: %1', textOf(error));
    }
    if (this.isDisposed) {
      return;
    }
    this._clear();
    if (typeof found === 'string') {
      this._showSides(found);
    } else {
      this._add(found);
    }
  }

  /** @param why They are not shown in another way, in a sentence. */
  private _showSides(why = ''): void {
    if (why) {
      this._add(makeNote(why));
    }
    const sides = new Panel();
    sides.addClass('jp-CrdtPrevious-sides');
    this._pair.forEach((output, at) => {
      const side = output ? renderOutputs([output], this._context) : this._nothing();
      side.addClass('jp-CrdtPrevious-side');
      side.node.setAttribute('role', 'group');
      side.node.setAttribute('aria-label', this._context.names[at] ?? '');
      sides.addWidget(side);
    });
    this.addWidget(sides);
  }

  private _nothing(): Widget {
    const text = this._context.words.trans.__('No such output');
    return new Widget({ node: make('div', 'jp-CrdtPrevious-note', text) });
  }

  private _add(node: HTMLElement): void {
    this.addWidget(new Widget({ node }));
  }

  private _clear(): void {
    for (const widget of [...this.widgets]) {
      widget.dispose();
    }
  }

  private readonly _stopping = new AbortController();
}
