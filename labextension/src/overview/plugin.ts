/** How the overview of stored outputs is put into JupyterLab. */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IArtifactClient } from '../artifacts';
import { languageTag } from '../format';
import { saveOutput } from '../saving';
import { StreamClient } from '../stream_client';
import type { IArtifactActions } from './artifact_table';
import { storeIcon } from './icon';
import { Inventory } from './inventory';
import { jumpTo } from './jump';
import { OutputsPanel } from './panel';
import { StatusItem } from './status_item';
import { StoreStatus } from './store_status';

const COMMAND = 'crdt-outputs:show-panel';

/** Below the side bar's own panels. */
const PANEL_RANK = 900;

export const overview: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-outputs:overview',
  description:
    'Lists the stored outputs of the current notebook, and tells what is not yet stored.',
  autoStart: true,
  requires: [INotebookTracker, IArtifactClient],
  optional: [IStatusBar, ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    client: IArtifactClient,
    statusBar: IStatusBar | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_outputs');
    const language = { trans, locale: languageTag(translator?.languageCode) };
    const { serverSettings, events } = app.serviceManager;
    const inventory = new Inventory(tracker);
    const status = new StoreStatus({ serverSettings, events });
    const streams = new StreamClient({ serverSettings });
    const actions: IArtifactActions = {
      jump: artifact => {
        if (inventory.notebook) {
          app.shell.activateById(inventory.notebook.id);
          void jumpTo(inventory.notebook, artifact);
        }
      },
      download: ({ reference, type }) => {
        const plan = { reference, mimeType: type };
        saveOutput(plan, client, streams, app.docRegistry).catch((error: unknown) => {
          Notification.error(trans.__('The output was not downloaded: %1', String(error)));
        });
      }
    };
    const panel = new OutputsPanel({ inventory, status, actions, language });
    app.shell.add(panel, 'right', { rank: PANEL_RANK, type: 'Stored Outputs' });
    restorer?.add(panel, panel.id);

    const open = (): void => {
      app.shell.activateById(panel.id);
    };
    app.commands.addCommand(COMMAND, {
      label: args => (args.isPalette ? trans.__('Show Panel') : trans.__('Show Stored Outputs')),
      caption: trans.__('List what this notebook keeps in the store of outputs'),
      icon: args => (args.isPalette ? undefined : storeIcon),
      describedBy: { args: { type: 'object', properties: { isPalette: { type: 'boolean' } } } },
      execute: open
    });
    palette?.addItem({
      command: COMMAND,
      category: trans.__('Stored Outputs'),
      args: { isPalette: true }
    });

    const item = new StatusItem({ inventory, status, open, ...language });
    statusBar?.registerStatusItem('jupyter-crdt-outputs:status', {
      item,
      align: 'right',
      rank: 4,
      isActive: () => app.shell.currentWidget === inventory.notebook && item.text !== '',
      activeStateChanged: item.changed
    });
  }
};
