/** All that has to do with the runs of one notebook that is open in this page. */
import type { ISessionContextDialogs } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { goToCell } from '../overview/jump';
import type { Settings } from '../settings';
import { Visibility } from '../visibility';
import type { RunCard } from './card';
import type { ICardAction, ICardContent } from './card_view';
import { CellFollower } from './cell_follower';
import { Marks } from './marks';
import { NotebookRuns } from './notebook_runs';
import type { People } from './people';
import { Prompts } from './prompts';
import type { ICellRun } from './record';
import { Reruns } from './reruns';
import type { RunServer } from './server';
import { allStale } from './to_run';
import type { IWords } from './wording';

const ALWAYS_CLASS = 'jp-mod-crdtRunsAlways';

export interface IPanelRunsOptions {
  panel: NotebookPanel;
  server: RunServer;
  settings: Settings;
  card: RunCard;
  people: People;
  words: Pick<IWords, 'trans' | 'locale'>;
  /** What can be done about the run of a cell, beside looking at it. */
  actions: (run: ICellRun) => readonly ICardAction[];
  /** Says a sentence to the user. */
  say: (text: string) => void;
  translator: ITranslator;
  dialogs?: ISessionContextDialogs;
}

export class PanelRuns implements IDisposable {
  constructor(private readonly _options: IPanelRunsOptions) {
    const { panel, server, settings, people, words } = _options;
    const notebook = panel.content;
    const path = (): string => panel.context.localPath;
    const runs = new NotebookRuns({ server, path });
    this._runs = runs;
    this._cells = new CellFollower(notebook);
    this._marks = new Marks({
      notebook,
      runs,
      card: _options.card,
      contentOf: cell => this._contentOf(cell)
    });
    this._words = { ...words, nameOf: people.nameOf, cellName: id => this._nameOf(id) };
    this._parts = [
      runs,
      this._cells,
      this._marks,
      new Prompts({ ..._options, runs, trans: words.trans, cellOf: id => this._cellOf(id) }),
      new Reruns({
        notebook,
        runs,
        server,
        path,
        kernel: () => this._kernel,
        isOn: () => settings.current.rerunStale,
        wanted: id => {
          const source = this._cellOf(id)?.model.sharedModel.source;
          return source === undefined ? null : { id, source };
        }
      }),
      new Visibility().watch(panel.node, isVisible => {
        runs.isWanted = isVisible;
      })
    ];
    this._cells.added.connect((_, cell) => {
      this._marks.add(cell);
    });
    this._cells.removed.connect((_, cell) => {
      this._marks.remove(cell);
    });
    this._cells.edited.connect(() => {
      runs.edited();
    });
    this._cells.ran.connect(() => {
      runs.askSoon();
    });
    const awareness = notebook.model?.sharedModel.awareness;
    if (awareness) {
      this._parts.push(people.follow(awareness));
    }
    people.changed.connect(this._onPeople, this);
    settings.changed.connect(this._onSettings, this);
    this._onSettings();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
    for (const part of this._parts) {
      part.dispose();
    }
  }

  /** Take an event of the server. */
  hear(event: unknown): void {
    this._runs.hear(event);
  }

  /**
   * Run what is stale, with what it needs that the kernel has not run, as the user's own command would: with this page's
   * dialogs, prompts and widgets.
   *
   * @returns How many cells there were to run.
   */
  async runStale(): Promise<number> {
    await this._runs.ask(this._kernel);
    const { panel, translator, dialogs } = this._options;
    const cells = allStale(this._runs.all)
      .map(cell => this._cellOf(cell))
      .filter(cell => cell !== undefined);
    if (cells.length > 0) {
      const { content, sessionContext } = panel;
      await NotebookActions.runCells(content, cells, sessionContext, dialogs, translator);
    }
    return cells.length;
  }

  /** Show what is known of the active cell's run. */
  showActive(): void {
    const cell = this._options.panel.content.activeCell;
    if (cell instanceof CodeCell) {
      this._marks.open(cell);
    }
  }

  private _contentOf(cell: CodeCell): ICardContent | null {
    const { panel, server, settings, actions } = this._options;
    const { runs: shown, staleMarks } = settings.current;
    const known = this._runs.get(cell.model.id);
    const run = known && !staleMarks ? { ...known, stale: null } : known;
    return run?.execution && (shown !== 'never' || run.stale)
      ? {
          run,
          runOf: id => this._runs.get(id),
          now: server.now,
          words: this._words,
          goTo: id => void goToCell(panel, id),
          actions: actions(run).map(({ label, run: act }) => ({
            label,
            run: () => {
              // The card opens beside any cell, and commands are about the active one.
              panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
              act();
            }
          }))
        }
      : null;
  }

  private get _kernel(): string {
    return this._options.panel.sessionContext.session?.kernel?.id ?? '';
  }

  private _cellOf(id: string): CodeCell | undefined {
    return [...this._cells.cells].find(cell => cell.model.id === id);
  }

  private _nameOf(id: string): string {
    return `[${this._cellOf(id)?.model.executionCount ?? ' '}]`;
  }

  private readonly _onPeople = (): void => {
    this._marks.refresh();
  };

  private readonly _onSettings = (): void => {
    const { panel, settings } = this._options;
    panel.content.toggleClass(ALWAYS_CLASS, settings.current.runs === 'always');
    this._marks.refresh();
  };

  private readonly _runs: NotebookRuns;
  private readonly _cells: CellFollower;
  private readonly _marks: Marks;
  private readonly _words: IWords;
  private readonly _parts: IDisposable[];
  private _isDisposed = false;
}
