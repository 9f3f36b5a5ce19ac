/** One output of each of two runs: side by side, or in one with what differs. */
import type { IExecuteResult, IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { JSONExt } from '@lumino/coreutils';
import { Panel, Widget } from '@lumino/widgets';

import type { IArtifactClient } from '../artifacts';
import { formatSize } from '../format';
import type { Settings } from '../settings';
import { areComparable, comparableOf, type IComparable, type Kind } from './comparable';
import { make } from './elements';
import { makeImageComparison, type Way } from './image_view';
import { diffTables, tableIn } from './table_diff';
import { makeTableView } from './table_view';
import { diffTexts } from './text_diff';
import { makeTextView } from './text_view';
import type { IWords } from './wording';

export interface IPairContext {
  /** The notebook's own. */
  readonly rendermime: IRenderMimeRegistry;
  readonly client: IArtifactClient;
  readonly settings: Settings;
  readonly trusted: boolean;
  readonly words: IWords;
  /** What the runs are called, the older one first. */
  readonly names: readonly [string, string];
  /** How pictures are compared, here and in the next pair. */
  readonly way: { current: Way };
}

/** So many outputs are drawn at once, as in a notebook. */
export const MOST_OUTPUTS = 50;

/** What is shown of the two: rendered, or what differs. */
export type Mode = 'sides' | 'differences';

export type Pair = readonly [IOutput | null, IOutput | null];

/** Whether two outputs say the same; the number of the execution is not part of that. */
export function areEqual([before, after]: Pair): boolean {
  if (!before || !after) {
    return false;
  }
  const { execution_count: _one, ...one } = before as IExecuteResult;
  const { execution_count: _other, ...other } = after as IExecuteResult;
  return JSONExt.deepEqual(one, other);
}

export class PairView extends Panel {
  constructor(
    private readonly _pair: Pair,
    private readonly _context: IPairContext,
    mode: Mode
  ) {
    super();
    this.addClass('jp-CrdtPrevious-pair');
    const [before, after] = _pair;
    const isEqual = areEqual(_pair);
    this.node.dataset.equal = String(isEqual);
    if (mode === 'differences' && isEqual && after) {
      this._say(_context.words.trans.__('The same in both runs:'));
      this.addWidget(this._rendered(after));
    } else if (mode === 'differences' && before && after) {
      this._compare(before, after);
    } else {
      this._showSides();
    }
  }

  override dispose(): void {
    this._stopping.abort();
    super.dispose();
  }

  private _compare(before: IOutput, after: IOutput): void {
    const { rendermime, trusted, settings, words } = this._context;
    const [one, other] = [before, after].map(output => comparableOf(output, trusted, rendermime));
    if (!one || !other || !areComparable(one, other)) {
      this._showSides();
      return;
    }
    const size = Math.max(one.size, other.size);
    const { largestTable, largestUnasked } = settings.current;
    if (size <= (one.kind === 'image' ? largestUnasked : largestTable)) {
      void this._load(one, other);
      return;
    }
    const total = formatSize(one.size + other.size, words.locale);
    const button = make(
      'button',
      'jp-CrdtPrevious-button',
      words.trans.__('Compare them (%1)', total)
    );
    button.type = 'button';
    const asked = new Widget({ node: make('div', 'jp-CrdtPrevious-note', button) });
    button.onclick = () => {
      for (const widget of [...this.widgets]) {
        widget.dispose();
      }
      void this._load(one, other);
    };
    this.addWidget(asked);
    this._showSides();
  }

  private async _load(one: IComparable, other: IComparable): Promise<void> {
    const { client, words } = this._context;
    const { signal } = this._stopping;
    this._say(words.trans.__('Loading…'));
    try {
      const texts = await Promise.all([
        one.load(client, { signal }),
        other.load(client, { signal })
      ]);
      if (!this.isDisposed) {
        this._clear();
        this._show(one.kind, texts);
      }
    } catch (error) {
      if (!this.isDisposed) {
        this._clear();
        this._say(words.trans.__('They cannot be compared: %1', messageOf(error)));
        this._showSides();
      }
    }
  }

  private _show(kind: Kind, [before, after]: readonly [string, string]): void {
    const { names, words, way } = this._context;
    const { trans } = words;
    if (kind === 'image') {
      const chosen = (value: Way): void => {
        way.current = value;
      };
      const options = { before, after, names, trans, way: way.current, chosen };
      this._add(makeImageComparison(options));
      return;
    }
    const tables = kind === 'html' ? ([tableIn(before), tableIn(after)] as const) : null;
    const tableDiff = tables?.[0] && tables[1] ? diffTables(tables[0], tables[1]) : null;
    const lines = kind === 'text' ? diffTexts(before, after) : null;
    if (tableDiff) {
      this._add(makeTableView(tableDiff, words));
    } else if (lines) {
      this._add(makeTextView(lines, words));
    } else {
      if (kind === 'text') {
        this._say(trans.__('They differ in so much that it would take too long to tell in what.'));
      }
      this._showSides();
    }
  }

  private _showSides(): void {
    const sides = new Panel();
    sides.addClass('jp-CrdtPrevious-sides');
    for (const output of this._pair) {
      sides.addWidget(output ? this._rendered(output) : this._nothing());
    }
    this.addWidget(sides);
  }

  private _nothing(): Widget {
    const text = this._context.words.trans.__('No such output');
    return new Widget({ node: make('div', 'jp-CrdtPrevious-note', text) });
  }

  private _rendered(output: IOutput): Widget {
    return renderOutputs([output], this._context);
  }

  private _say(text: string): void {
    const note = make('div', 'jp-CrdtPrevious-note', text);
    note.setAttribute('role', 'status');
    this._add(note);
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

/** Outputs as the notebook shows them, with a model of their own: nothing is written back. */
export function renderOutputs(
  values: IOutput[],
  { rendermime, trusted }: Pick<IPairContext, 'rendermime' | 'trusted'>
): Widget {
  const model = new OutputAreaModel({ values, trusted });
  const area = new SimplifiedOutputArea({ model, rendermime, maxNumberOutputs: MOST_OUTPUTS });
  area.disposed.connect(() => {
    model.dispose();
  });
  return area;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
