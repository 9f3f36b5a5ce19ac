/** How the previous runs of a cell are put into JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { isCodeCellModel } from '@jupyterlab/cells';
import { PageConfig, PathExt } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IArtifactClient } from '../artifacts';
import { languageTag } from '../format';
import { followSettings } from '../plugins';
import { People } from '../runs/people';
import { Settings } from '../settings';
import { LiveCell } from './live_cell';
import { PreviousRunsModel } from './model';
import { RunsClient } from './runs';
import { PreviousRuns } from './view';

const COMMAND = 'crdt-outputs:previous-runs';

export const previousRuns: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-outputs:previous-runs',
  description: 'Shows the outputs of previous runs of a cell side by side, and puts them back.',
  autoStart: true,
  requires: [INotebookTracker, IArtifactClient],
  optional: [ICommandPalette, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    client: IArtifactClient,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_outputs');
    const { serverSettings, user, events } = app.serviceManager;
    const people = new People(() => user.identity?.username, trans);
    const words = {
      trans,
      locale: languageTag(translator?.languageCode),
      userName: people.nameOf
    };
    const server = new RunsClient(serverSettings);
    const settings = new Settings();
    const views = new Map<string, PreviousRuns>();
    if (registry) {
      void followSettings(registry, settings);
    }

    const open = (panel: NotebookPanel): void => {
      const { content, context } = panel;
      const active = content.activeCell?.model;
      const notebook = content.model;
      if (!active || !notebook || !isCodeCellModel(active)) {
        return;
      }
      const id = `jp-crdt-previous-${panel.id}-${active.id}`;
      let view = views.get(id);
      if (!view) {
        const cell = new LiveCell(notebook, active.id);
        const path = (): string => context.localPath;
        const model = new PreviousRunsModel({ cell, path, server, events: events.stream });
        view = new PreviousRuns({
          model,
          cell,
          notebook: PathExt.basename(context.path),
          rendermime: content.rendermime,
          client,
          settings,
          words,
          restored: (name, undo) => {
            const label = trans.__('Undo');
            const actions = [{ label, callback: undo }];
            const told = trans.__('The outputs of %1 are back.', name);
            Notification.success(told, { actions, autoClose: 10_000 });
          },
          failed: message => {
            Notification.error(message, { autoClose: false });
          }
        });
        view.id = id;
        views.set(id, view);
        const meeting = people.follow(notebook.sharedModel.awareness);
        const close = (): void => {
          view?.dispose();
        };
        panel.disposed.connect(close);
        view.disposed.connect(() => {
          views.delete(id);
          model.dispose();
          meeting.dispose();
          panel.disposed.disconnect(close);
        });
        app.shell.add(view, 'main', { mode: 'split-right', ref: panel.id, type: 'Previous Runs' });
      }
      app.shell.activateById(id);
    };

    const isCode = (): boolean => {
      const cell = tracker.activeCell?.model;
      return cell !== undefined && isCodeCellModel(cell);
    };
    app.commands.addCommand(COMMAND, {
      label: trans.__('Previous Runs of This Cell…'),
      caption: trans.__(
        'See what earlier runs of the cell have put out, compare them, and put one back'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: isCode,
      execute: () => {
        const panel = tracker.currentWidget;
        if (panel) {
          open(panel);
        }
      }
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Notebook Cell Operations') });
  }
};
