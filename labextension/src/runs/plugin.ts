/** How the runs of cells are put into JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, ISessionContextDialogs, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { languageTag } from '../format';
import { followSettings } from '../plugins';
import { Settings } from '../settings';
import { RunCard } from './card';
import type { ICardAction } from './card_view';
import { PanelRuns } from './panel_runs';
import { People } from './people';
import type { ICellRun } from './record';
import { RunServer } from './server';

export const CommandIDs = {
  runStale: 'crdt-outputs:run-stale',
  showRun: 'crdt-outputs:show-run'
} as const;

const PREVIOUS_RUNS = 'crdt-outputs:previous-runs';

export const runs: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-outputs:runs',
  description:
    'Shows who ran a cell, when, and how it ended, what is stale, and what running cells ask for.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ICommandPalette, ISessionContextDialogs, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    dialogs: ISessionContextDialogs | null,
    given: ITranslator | null
  ) => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    const translator = given ?? nullTranslator;
    const trans = translator.load('jupyter_crdt_outputs');
    const { serverSettings, events, user } = app.serviceManager;
    const server = new RunServer(serverSettings);
    const settings = new Settings();
    const card = new RunCard();
    const people = new People(() => user.identity?.username, trans);
    const open = new Map<NotebookPanel, PanelRuns>();
    const actions = ({ stale }: ICellRun): ICardAction[] =>
      [
        ...(stale ? [{ command: CommandIDs.runStale, label: trans.__('Run Stale Cells') }] : []),
        { command: PREVIOUS_RUNS, label: trans.__('Previous Runs') }
      ]
        .filter(({ command }) => app.commands.hasCommand(command))
        .map(({ command, label }) => ({ label, run: () => void app.commands.execute(command) }));
    events.stream.connect((_, event) => {
      for (const panel of open.values()) {
        panel.hear(event);
      }
    });
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        const shown = new PanelRuns({
          panel,
          server,
          settings,
          card,
          actions,
          translator,
          dialogs: dialogs ?? undefined,
          people,
          words: { trans, locale: languageTag(translator.languageCode) },
          say: text => Notification.info(text, { autoClose: 5000 })
        });
        open.set(panel, shown);
        panel.disposed.connect(() => {
          open.delete(panel);
        });
        return shown;
      }
    });
    const current = (): PanelRuns | undefined =>
      app.shell.currentWidget === tracker.currentWidget && tracker.currentWidget
        ? open.get(tracker.currentWidget)
        : undefined;
    app.commands.addCommand(CommandIDs.runStale, {
      label: trans.__('Run Stale Cells'),
      caption: trans.__(
        'Run the cells whose source has changed since they were run, or that read from one that was run after them'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => current() !== undefined && tracker.currentWidget?.model?.readOnly === false,
      execute: async () => {
        if ((await current()?.runStale()) === 0) {
          Notification.info(trans.__('No cell of this notebook is stale.'), { autoClose: 3000 });
        }
      }
    });
    app.commands.addCommand(CommandIDs.showRun, {
      label: trans.__('Show the Last Run of This Cell'),
      caption: trans.__('Show who ran the active cell, when, for how long, and how it ended'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => current() !== undefined,
      execute: () => {
        current()?.showActive();
      }
    });
    palette?.addItem({ command: CommandIDs.runStale, category: trans.__('Notebook Operations') });
    palette?.addItem({
      command: CommandIDs.showRun,
      category: trans.__('Notebook Cell Operations')
    });
    if (registry) {
      void followSettings(registry, settings);
    }
  }
};
