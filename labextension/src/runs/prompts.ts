/** What cells ask for that the server runs: shown below the cell to everybody who has the notebook open. */
import type { CodeCell } from '@jupyterlab/cells';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';

import type { NotebookRuns } from './notebook_runs';
import { PromptBox } from './prompt_box';
import { Refusal, type RunServer } from './server';

const NOT_NOW = 409;

export interface IPromptsOptions {
  runs: NotebookRuns;
  server: Pick<RunServer, 'execution' | 'answer' | 'mayRun'>;
  /** The cell of an id, if the notebook has it. */
  cellOf: (id: string) => CodeCell | undefined;
  /** Says a sentence to the user. */
  say: (text: string) => void;
  translator: ITranslator;
  trans: TranslationBundle;
}

interface IShown {
  readonly id: string;
  box: PromptBox | null;
}

export class Prompts implements IDisposable {
  constructor(private readonly _options: IPromptsOptions) {
    _options.runs.changed.connect(this._refresh, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
    for (const cell of [...this._shown.keys()]) {
      this._takeAway(cell);
    }
  }

  private readonly _refresh = (): void => {
    const { asking } = this._options.runs;
    for (const [cell, { id }] of this._shown) {
      if (asking.get(cell) !== id) {
        this._takeAway(cell);
      }
    }
    for (const [cell, id] of asking) {
      if (!this._shown.has(cell)) {
        const shown: IShown = { id, box: null };
        this._shown.set(cell, shown);
        this._show(cell, shown).catch(() => {
          this._takeAway(cell, shown);
        });
      }
    }
  };

  private async _show(cellId: string, shown: IShown): Promise<void> {
    const { server, cellOf, translator, trans } = this._options;
    const [{ prompt }, mayAnswer] = await Promise.all([
      server.execution(shown.id),
      server.mayRun()
    ]);
    const cell = cellOf(cellId);
    // It may have been answered meanwhile, and ask for something else by now.
    if (!prompt || !cell || this._shown.get(cellId) !== shown || this._isDisposed) {
      return;
    }
    const answer = (value: string): void => {
      void this._answer(cellId, shown, value);
    };
    shown.box = new PromptBox({ prompt, mayAnswer, answer, translator, trans });
    const layout = cell.layout as PanelLayout;
    // Below the outputs, and not among them: those are the document's.
    layout.insertWidget(layout.widgets.length - 1, shown.box);
  }

  private async _answer(cell: string, shown: IShown, value: string): Promise<void> {
    const { server, say, trans } = this._options;
    try {
      await server.answer(shown.id, value);
      this._takeAway(cell, shown);
    } catch (error) {
      this._takeAway(cell, shown);
      if (error instanceof Refusal && error.status === NOT_NOW) {
        say(trans.__('Somebody else was quicker to answer, or the cell no longer asks.'));
      } else {
        say(trans.__('The answer did not arrive: %1', String(error)));
        // It still asks: with a new box, since what was typed is gone.
        this._refresh();
      }
    }
  }

  private _takeAway(cell: string, only = this._shown.get(cell)): void {
    if (only && this._shown.get(cell) === only) {
      this._shown.delete(cell);
      const hadFocus = only.box?.node.contains(document.activeElement);
      only.box?.dispose();
      if (hadFocus) {
        this._options.cellOf(cell)?.node.focus({ preventScroll: true });
      }
    }
  }

  private readonly _shown = new Map<string, IShown>();
  private _isDisposed = false;
}
