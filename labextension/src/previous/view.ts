/** The previous runs of one cell, drawn: a list, and beside it what is chosen there. */
import { historyIcon } from '@jupyterlab/ui-components';
import { Panel, Widget } from '@lumino/widgets';

import { Comparison } from './comparison';
import { makeButton, makeNote } from './elements';
import { makeHeading } from './heading';
import type { Way } from './image_view';
import { NOW, type IListedRun } from './listing';
import type { LiveCell } from './live_cell';
import type { PreviousRunsModel } from './model';
import type { IPairContext, Mode } from './pair_view';
import { RunListWidget } from './run_list';
import type { IRun } from './runs';
import { nameOf, textOf } from './wording';

export interface IPreviousRunsOptions extends Pick<
  IPairContext,
  'rendermime' | 'client' | 'settings' | 'words'
> {
  readonly model: PreviousRunsModel;
  readonly cell: Pick<LiveCell, 'present' | 'isTrusted'>;
  /** What people call the notebook. */
  readonly notebook: string;
  /** Tells the user that a run was put back, and how to take that back. */
  readonly restored: (name: string, undo: () => void) => void;
  readonly failed: (message: string) => void;
}

/** What was drawn is drawn again only when it is another: a page is looked at, scrolled, and waited for. */
export class PreviousRuns extends Panel {
  constructor(private readonly _options: IPreviousRunsOptions) {
    super();
    const { model, words, notebook } = _options;
    this.addClass('jp-CrdtPrevious');
    this.title.icon = historyIcon;
    this.title.closable = true;
    this.title.caption = words.trans.__('Previous runs of a cell of %1', notebook);
    this._list = new RunListWidget(() => ({
      runs: model.runs,
      chosen: model.chosen,
      choose: (id, isChosen) => {
        model.choose(id, isChosen);
      },
      words
    }));
    const main = new Panel();
    main.addClass('jp-CrdtPrevious-main');
    main.addWidget(this._heading);
    main.addWidget(this._body);
    const frame = new Panel();
    frame.addClass('jp-CrdtPrevious-frame');
    frame.addWidget(this._list);
    frame.addWidget(main);
    this.addWidget(frame);
    model.changed.connect(this._draw, this);
    this._draw();
  }

  private readonly _draw = (): void => {
    const { model, cell, words } = this._options;
    // The list is by time, the newest first; so what is older comes to the left.
    const chosen = model.runs.filter(({ run }) => model.chosen.includes(run.id)).reverse();
    this.title.label = words.trans.__('Runs of [%1]', cell.present?.count ?? ' ');
    this._list.update();
    this._drawHeading(chosen);
    const shown = chosen.map(({ run }) => [run.id, run.note, run.id === NOW ? run.outputs : 0]);
    const key = JSON.stringify([shown, this._mode]);
    if (key !== this._drawn) {
      this._drawn = key;
      this._drawBody(chosen.map(({ run }) => run));
    }
  };

  private _drawHeading(runs: readonly IListedRun[]): void {
    const { model, words } = this._options;
    const { node } = this._heading;
    const hadFocus = node.contains(document.activeElement);
    const told = this._told(runs.length);
    const heading = makeHeading({
      runs,
      mode: this._mode,
      chooseMode: mode => {
        this._mode = mode;
        this._draw();
      },
      restore: model.isGone ? null : run => void this._restore(run),
      words
    });
    const note = makeNote(told);
    if (model.trouble) {
      const retry = makeButton('jp-CrdtPrevious-button', words.trans.__('Retry'), () => {
        model.retry();
      });
      note.append(' ', retry);
    }
    node.replaceChildren(...(told ? [note] : []), ...(runs.length > 0 ? [heading] : []));
    if (hadFocus) {
      const stop = node.querySelector<HTMLElement>('[tabindex="0"], button');
      (stop ?? this._list.node.querySelector('input'))?.focus({ preventScroll: true });
    }
  }

  private _drawBody(runs: readonly IRun[]): void {
    const { cell, rendermime, client, settings, words } = this._options;
    const { isTrusted: trusted } = cell;
    for (const widget of [...this._body.widgets]) {
      widget.dispose();
    }
    if (runs.length > 0) {
      const context = { rendermime, trusted, client, settings, words, way: this._way };
      this._body.addWidget(new Comparison(runs, context, this._mode));
    }
  }

  /** What there is to say, in a sentence; mostly nothing. */
  private _told(chosen: number): string {
    const { model, words } = this._options;
    const { trans } = words;
    if (model.trouble) {
      return trans.__('The runs of this cell could not be read: %1', model.trouble);
    }
    if (model.isGone) {
      return trans.__('This cell is no longer in the notebook.');
    }
    if (!model.isReady) {
      return trans.__('Loading…');
    }
    if (model.runs.length === 0) {
      return trans.__('No outputs of previous runs of this cell are kept.');
    }
    return chosen === 0 ? trans.__('Choose a run.') : '';
  }

  private async _restore(run: IRun): Promise<void> {
    const { model, words, restored, failed } = this._options;
    const { trans } = words;
    const nothing = trans.__('The cell runs, or is gone; nothing was put back.');
    try {
      const before = await model.restore(run);
      if (!before) {
        failed(nothing);
        return;
      }
      restored(nameOf(run, words), () => {
        if (!model.putBack(before)) {
          failed(nothing);
        }
      });
    } catch (error) {
      failed(trans.__('%1 was not restored: %2', nameOf(run, words), textOf(error)));
    }
  }

  private readonly _list: RunListWidget;
  private readonly _heading = new Widget();
  private readonly _body = new Panel();
  private readonly _way: { current: Way } = { current: 'blink' };
  private _mode: Mode = 'sides';
  private _drawn = '';
}
