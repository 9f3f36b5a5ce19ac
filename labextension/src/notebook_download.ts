/** How the download of complete notebooks is put into JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { downloadComplete } from './complete_notebook';

const COMMAND = 'crdt-outputs:download-notebook';

/** Those that are this server's own files; the second is what jupyter-collaboration calls them. */
const OWN_DRIVES = ['', 'RTC'];

export const notebookDownload: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-outputs:notebook-download',
  description: 'Saves a notebook with all its outputs, whatever its file keeps of them.',
  autoStart: true,
  requires: [INotebookTracker, IDocumentManager],
  optional: [IFileBrowserFactory, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    documents: IDocumentManager,
    browsers: IFileBrowserFactory | null,
    translator: ITranslator | null
  ) => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_outputs');
    const { contents, serverSettings } = app.serviceManager;

    /** The current notebook, or those that are selected in the file browser. */
    const chosen = (fromBrowser: boolean): string[] => {
      const { currentWidget } = tracker;
      const paths = fromBrowser
        ? [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])]
            .filter(item => item.type === 'notebook')
            .map(item => item.path)
        : currentWidget && currentWidget === app.shell.currentWidget
          ? [currentWidget.context.path]
          : [];
      return paths.filter(path => OWN_DRIVES.includes(contents.driveName(path)));
    };

    const download = async (path: string): Promise<void> => {
      const widget = documents.findWidget(path);
      const context = widget && documents.contextForWidget(widget);
      if (context?.model.dirty && !context.model.readOnly) {
        await context.save();
      }
      await downloadComplete(contents.localPath(path), serverSettings).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        Notification.error(trans.__('%1 was not downloaded: %2', path, reason), {
          autoClose: false
        });
      });
    };

    app.commands.addCommand(COMMAND, {
      label: trans.__('Download Complete Notebook'),
      caption: trans.__(
        'Download the notebook with all its outputs, also those that its file only refers to'
      ),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            fromBrowser: {
              type: 'boolean',
              description: trans.__('Download what is selected in the file browser')
            }
          }
        }
      },
      isEnabled: args => chosen(args.fromBrowser === true).length > 0,
      isVisible: args => args.fromBrowser !== true || chosen(true).length > 0,
      execute: async args => {
        for (const path of chosen(args.fromBrowser === true)) {
          await download(path);
        }
      }
    });
  }
};
