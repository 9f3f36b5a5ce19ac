/** How the parts are put into JupyterLab. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';

import { announce } from './announce';
import { IArtifactClient } from './artifacts';
import { ArtifactClient } from './client';
import { addCommands, CommandIDs } from './commands';
import { languageTag } from './format';
import { Handover } from './handover';
import type { LogViewer } from './log_viewer';
import { NoticeBoard, parseNotice } from './notices';
import { OpeningBar, Openings, parseOpening, TrustFollower } from './opening';
import { REFERENCE_MIME_TYPE, type Digest } from './reference';
import { StoredOutput, type IOutputContext } from './renderer';
import { saveOutput } from './saving';
import { Retries } from './retries';
import { Settings } from './settings';
import { StreamClient } from './stream_client';
import { tolerateUnchangedKeys } from './unchanged_keys';
import { Visibility } from './visibility';

const NAME = 'jupyter-crdt-outputs';
const DOMAIN = 'jupyter_crdt_outputs';

/** Before all others: the reference stands for whatever else is in the output. */
const RANK = -1000;

export const artifacts: JupyterFrontEndPlugin<IArtifactClient> = {
  id: `${NAME}:artifacts`,
  description: 'Reads artifacts of outputs by their digest.',
  autoStart: true,
  provides: IArtifactClient,
  activate: app => new ArtifactClient({ serverSettings: app.serviceManager.serverSettings })
};

export const renderer: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:plugin`,
  description: 'Shows outputs that are kept outside of the document.',
  autoStart: true,
  requires: [IRenderMimeRegistry, IArtifactClient],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    client: IArtifactClient,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const settings = new Settings();
    const shared = {
      client,
      streams: newStreamClient(app),
      settings,
      trans,
      visibility: new Visibility(),
      asked: new Set<Digest>(),
      missing: new Retries(),
      handover: new Handover<LogViewer>(),
      preferences: { wrap: true },
      locale: languageTag(translator?.languageCode),
      download: downloader(app, client, trans)
    };
    addRenderer({ ...shared, rendermime });
    // A notebook renders with a registry of its own, where its widgets are known.
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        addRenderer({ ...shared, rendermime: panel.content.rendermime });
        return new DisposableDelegate(() => undefined);
      }
    });
    if (registry) {
      void followSettings(registry, settings);
    }
  }
};

export const announcement: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:announcement`,
  description: 'Tells the server which kernel connection sees which shared document.',
  autoStart: true,
  activate: app => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    app.docRegistry.addWidgetExtension('Notebook', {
      // Two views of one notebook say the same, and the one that stays says it again when the other one leaves.
      createNew: ({ sessionContext, content }: NotebookPanel) => {
        const board = content.model?.sharedModel.awareness;
        return board ? announce(sessionContext, board) : new DisposableDelegate(() => undefined);
      }
    });
  }
};

export const cells: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:cells`,
  description: 'Keeps views of cells whole when two have written to one key of a cell at once.',
  autoStart: true,
  activate: () => {
    if (PageConfig.getOption('crdtOutputs') === 'on') {
      tolerateUnchangedKeys();
    }
  }
};

export const notices: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:notices`,
  description: 'Shows what the server has to say about outputs.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const board = new NoticeBoard(Notification.manager, trans);
    if (PageConfig.getOption('crdtOutputs') === 'refused') {
      const reason = PageConfig.getOption('crdtOutputsReason');
      const message =
        reason || trans.__('Outputs are kept in the document, as without this extension.');
      // Before the application is restored, a notification is kept but never shown.
      void app.restored.then(() => {
        board.show({ kind: 'refused', message });
      });
    }
    app.serviceManager.events.stream.connect((_, event) => {
      const notice = parseNotice(event);
      if (notice) {
        board.show(notice);
      }
    });
  }
};

export const openings: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:openings`,
  description: 'Shows how much of a notebook the server has still to read from its file.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    if (PageConfig.getOption('crdtOutputs') !== 'on') {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const known = new Openings();
    app.serviceManager.events.stream.connect((_, event) => {
      const opening = parseOpening(event);
      if (opening) {
        known.hear(opening);
      }
    });
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: ({ content, contentHeader, context }: NotebookPanel) => {
        const locale = languageTag(translator?.languageCode);
        const bar = new OpeningBar(known, () => context.localPath, trans, locale);
        contentHeader.insertWidget(0, bar);
        const follower = content.model ? new TrustFollower(content.model.cells) : null;
        return new DisposableDelegate(() => {
          bar.dispose();
          follower?.dispose();
        });
      }
    });
  }
};

export const commands: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:commands`,
  description: 'Copies the image of an output, or saves an output as a file.',
  autoStart: true,
  requires: [INotebookTracker, IArtifactClient],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    client: IArtifactClient,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addCommands({ app, tracker, trans, download: downloader(app, client, trans) });
    for (const command of Object.values(CommandIDs)) {
      const category = trans.__('Notebook Cell Operations');
      palette?.addItem({ command, category, args: { activeCell: true } });
    }
  }
};

function addRenderer(context: IOutputContext): void {
  context.rendermime.addFactory(
    {
      safe: true,
      mimeTypes: [REFERENCE_MIME_TYPE],
      createRenderer: options => new StoredOutput(options, context)
    },
    RANK
  );
}

function downloader(
  app: JupyterFrontEnd,
  client: IArtifactClient,
  trans: TranslationBundle
): (output: StoredOutput) => void {
  const streams = newStreamClient(app);
  return ({ plan }) => {
    if (plan) {
      saveOutput(plan, client, streams, app.docRegistry).catch((error: unknown) => {
        Notification.error(trans.__('The output was not downloaded: %1', String(error)));
      });
    }
  };
}

function newStreamClient(app: JupyterFrontEnd): StreamClient {
  return new StreamClient({ serverSettings: app.serviceManager.serverSettings });
}

/** Settings that cannot be read are the defaults. */
export async function followSettings(
  registry: ISettingRegistry,
  settings: Settings
): Promise<void> {
  try {
    const loaded = await registry.load(renderer.id);
    const update = (): void => {
      settings.update(loaded.composite);
    };
    loaded.changed.connect(update);
    update();
  } catch (error) {
    console.warn('The settings of stored outputs could not be read.', error);
  }
}
