/** The previous runs of one cell: a list, and beside it what is chosen there. */
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import { historyIcon } from '@jupyterlab/ui-components';
import { JSONExt } from '@lumino/coreutils';
import { Debouncer } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';

import type { IArtifactClient } from '../artifacts';
import type { Settings } from '../settings';
import { Comparison } from './comparison';
import { make } from './elements';
import type { Way } from './image_view';
import type { IPairContext, Mode } from './pair_view';
import { RunListWidget, type IListedRun } from './run_list';
import type { IReplaced, IRun, RunsClient } from './runs';
import { nameOf, type IWords } from './wording';

/** A server writes down what a run has put out a moment after its end. */
const LOAD_MS = 700;
const RELIST_MS = 200;

/** What the notebook has now, where that is no run's that is kept. */
const NOW = 'now';

export interface IPreviousRunsOptions {
  readonly cellId: string;
  /** The cell as it is now, since one that is moved becomes another object; null when it is gone. */
  readonly cell: () => ICodeCellModel | null;
  /** Word that something in the notebook may have changed. */
  readonly changed: ISignal<unknown, unknown>;
  /** What the notebook is called by the server. */
  readonly path: () => string;
  /** What the notebook is called by people. */
  readonly notebook: () => string;
  readonly rendermime: IPairContext['rendermime'];
  readonly server: RunsClient;
  readonly client: IArtifactClient;
  readonly settings: Settings;
  readonly words: IWords;
  /** Tells the user that a run was put back, and how to take that back. */
  readonly restored: (name: string, undo: () => void) => void;
  readonly failed: (message: string) => void;
}

export class PreviousRuns extends Panel {
  constructor(private readonly _options: IPreviousRunsOptions) {
    super();
    const { cell, changed, notebook, words } = _options;
    const { trans } = words;
    this.addClass('jp-CrdtPrevious');
    this.title.icon = historyIcon;
    this.title.closable = true;
    this.title.label = trans.__('Runs of [%1]', cell()?.executionCount ?? ' ');
    this.title.caption = trans.__('Previous runs of a cell of %1', notebook());
    this._main.addClass('jp-CrdtPrevious-main');
    this._list = new RunListWidget(() => ({
      runs: this._listed,
      chosen: this._chosen,
      choose: this._choose,
      words
    }));
    this.addWidget(this._list);
    this.addWidget(this._main);
    changed.connect(this._changed);
    void this._load();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._options.changed.disconnect(this._changed);
      this._loading.dispose();
      this._relisting.dispose();
      super.dispose();
    }
  }

  get cellId(): string {
    return this._options.cellId;
  }

  /** Ask the server again, a moment later. */
  refresh(): void {
    void this._loading.invoke().catch(() => undefined);
  }

  private async _load(): Promise<void> {
    const { server, path, cellId, words } = this._options;
    try {
      this._runs = await server.runs(path(), cellId);
      this._trouble = '';
    } catch (error) {
      this._trouble = words.trans.__('The runs of this cell could not be read: %1', textOf(error));
    }
    if (!this.isDisposed) {
      this._relist();
    }
  }

  /** What is kept, what the notebook has, and what it had; the newest first. */
  private _relist(): void {
    const { trans } = this._options.words;
    const cell = this._options.cell();
    const outputs = cell?.sharedModel.getOutputs() ?? [];
    const now = this._runs.find(run => run.outputs && areEqual(run.outputs, outputs));
    const present: IListedRun[] =
      now || outputs.length === 0
        ? []
        : [
            {
              run: nobodysRun(NOW, outputs, cell?.executionCount),
              tag: trans.__('In the notebook')
            }
          ];
    const kept = this._runs.map(run => ({
      run,
      tag: run === now ? trans.__('In the notebook') : ''
    }));
    const listed = [...present, ...kept, ...this._replaced];
    const before = stateOf(this._listed, this._chosen, this._trouble);
    const known = new Set(listed.map(({ run }) => run.id));
    const chosen = this._chosen.filter(id => known.has(id));
    this._listed = listed;
    // Until the user has chosen, the last two are compared.
    this._chosen =
      this._isTouched && chosen.length > 0 ? chosen : listed.slice(0, 2).map(({ run }) => run.id);
    const isGone = cell === null;
    if (
      this._main.widgets.length === 0 ||
      isGone !== this._isGone ||
      stateOf(this._listed, this._chosen, this._trouble) !== before
    ) {
      this._isGone = isGone;
      this._draw();
    }
  }

  private readonly _choose = (id: string, isChosen: boolean): void => {
    this._isTouched = true;
    const others = this._chosen.filter(each => each !== id);
    // Of two that are compared, the one that was chosen first makes room.
    this._chosen = isChosen ? [...others.slice(-1), id] : others;
    this._draw();
  };

  private _draw(): void {
    const { client, rendermime, settings, cell, words } = this._options;
    this._list.update();
    for (const widget of [...this._main.widgets]) {
      widget.dispose();
    }
    // The list is by time, the newest first; so what is older comes to the left.
    const chosen = this._listed.filter(({ run }) => this._chosen.includes(run.id)).reverse();
    const told = this._trouble || this._hint(chosen.length);
    if (told) {
      const note = make('div', 'jp-CrdtPrevious-note', told);
      note.setAttribute('role', 'status');
      this._main.addWidget(new Widget({ node: note }));
    }
    if (chosen.length > 0) {
      const tags = new Map(chosen.map(({ run, tag }) => [run.id, tag]));
      const context = {
        rendermime,
        client,
        settings,
        words,
        trusted: cell()?.trusted ?? false,
        way: this._way,
        mode: this._mode,
        tagOf: (run: IRun) => tags.get(run.id) ?? '',
        restoring: this._restoring
      };
      this._main.addWidget(
        new Comparison(
          chosen.map(({ run }) => run),
          context
        )
      );
    }
  }

  private _hint(chosen: number): string {
    const { trans } = this._options.words;
    if (this._isGone) {
      return trans.__('This cell is no longer in the notebook.');
    }
    if (this._listed.length === 0) {
      return trans.__('No outputs of previous runs of this cell are kept.');
    }
    return chosen === 0 ? trans.__('Choose a run.') : '';
  }

  private readonly _restoring = (run: IRun): (() => void) | null => {
    const here = this._options.words.trans.__('In the notebook');
    const isHere = this._listed.some(({ run: { id }, tag }) => id === run.id && tag === here);
    return isHere || this._isGone || run.outputs === null
      ? null
      : () => {
          void this._restore(run);
        };
  };

  private async _restore(run: IRun): Promise<void> {
    const { server, words, restored, failed } = this._options;
    const before = this._replaced.find(each => each.run.id === run.id);
    try {
      if (before) {
        this._putBack({ outputs: [...(run.outputs ?? [])], count: run.count });
        return;
      }
      const replaced = await server.restore(run.id);
      this._keep(replaced);
      restored(nameOf(run, words), () => {
        this._putBack(replaced);
      });
    } catch (error) {
      failed(words.trans.__('%1 was not restored: %2', nameOf(run, words), textOf(error)));
    }
    this.refresh();
  }

  /** What stood there may be nobody's run: it stays at hand for as long as this view is open. */
  private _keep({ outputs, count }: IReplaced): void {
    const isKept = [...this._runs, ...this._replaced.map(({ run }) => run)].some(
      run => run.outputs && areEqual(run.outputs, outputs)
    );
    if (!isKept && outputs.length > 0) {
      const tag = this._options.words.trans.__('Replaced');
      const run = nobodysRun(`replaced ${this._replaced.length}`, outputs, count);
      this._replaced = [{ run, tag }, ...this._replaced];
    }
  }

  private _putBack({ outputs, count }: IReplaced): void {
    const { cell, failed, words } = this._options;
    const model = cell();
    if (!model || model.executionState === 'running') {
      failed(words.trans.__('The cell runs, or is gone; nothing was put back.'));
      return;
    }
    const { sharedModel } = model;
    sharedModel.transact(() => {
      sharedModel.setOutputs(outputs);
      sharedModel.execution_count = count;
    }, false);
  }

  private readonly _changed = (): void => {
    void this._relisting.invoke().catch(() => undefined);
  };

  private readonly _list: RunListWidget;
  private readonly _main = new Panel();
  private readonly _loading = new Debouncer(() => this._load(), LOAD_MS);
  private readonly _relisting = new Debouncer(() => {
    this._relist();
  }, RELIST_MS);
  private readonly _way: { current: Way } = { current: 'blink' };
  private readonly _mode: { current: Mode } = { current: 'sides' };
  private _runs: readonly IRun[] = [];
  private _replaced: readonly IListedRun[] = [];
  private _listed: readonly IListedRun[] = [];
  private _chosen: readonly string[] = [];
  private _isTouched = false;
  private _isGone = false;
  private _trouble = '';
}

/** What the notebook has or had, of which nobody knows when it was made. */
function nobodysRun(id: string, outputs: readonly IOutput[], count: number | null = null): IRun {
  const unknown = { user: '', status: '', error: '', started: null, ended: null, note: '' };
  return { ...unknown, id, count, outputs };
}

function areEqual(one: readonly IOutput[], other: readonly IOutput[]): boolean {
  return JSONExt.deepEqual([...one], [...other]);
}

/** What is drawn, in short. Outputs of a run never change, but those that the notebook has now do. */
function stateOf(
  listed: readonly IListedRun[],
  chosen: readonly string[],
  trouble: string
): string {
  const runs = listed.map(({ run, tag }) => [
    run.id,
    tag,
    run.note,
    run.id === NOW ? JSON.stringify(run.outputs) : ''
  ]);
  return JSON.stringify([runs, chosen, trouble]);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
