/** How the switch for large outputs in files is put into JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { FileLimit } from './file_limit';
import { followSettings } from './plugins';
import { Settings } from './settings';

const COMMAND = 'crdt-outputs:keep-out-of-file';

export const fileLimit: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-outputs:file-limit',
  description: 'Switches whether large outputs are in the notebook’s file itself.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_outputs');
    const settings = new Settings();
    const limit = new FileLimit({
      tracker,
      serverSettings: app.serviceManager.serverSettings,
      hasServerLimits: PageConfig.getOption('crdtOutputsFileLimits') === 'on',
      large: () => settings.current.largeForFile
    });
    const isCurrent = (): boolean =>
      limit.isAvailable && app.shell.currentWidget === tracker.currentWidget;
    app.commands.addCommand(COMMAND, {
      label: trans.__('Keep Large Outputs out of the File'),
      caption: trans.__(
        'Save references in the place of large outputs: the file is small, and only the store has them'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      isToggleable: true,
      isToggled: () => isCurrent() && limit.isOn,
      isEnabled: isCurrent,
      execute: () => {
        limit.toggle();
      }
    });
    limit.changed.connect(() => {
      app.commands.notifyCommandChanged(COMMAND);
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Notebook Operations') });
    if (registry) {
      void followSettings(registry, settings);
    }
  }
};
