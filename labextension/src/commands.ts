/** Commands on stored outputs. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { FRAME_CLASS } from './frame';
import { StoredOutput } from './renderer';
import { copyImage } from './saving';

export const CommandIDs = {
  copyImage: 'crdt-outputs:copy-image',
  download: 'crdt-outputs:download'
} as const;

export interface ICommandOptions {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  trans: TranslationBundle;
  /** Hands an output to the user as a file. */
  download: (output: StoredOutput) => void;
}

/** Add the commands. They act on the output that the context menu was opened on, or on the active cell's first. */
export function addCommands(options: ICommandOptions): void {
  const { app, tracker, trans, download } = options;
  const target = (args: ReadonlyPartialJSONObject, selector = ''): StoredOutput | null => {
    const clicked = args.activeCell === true ? undefined : clickedOutput(app);
    return clicked ?? firstOutput(tracker, selector);
  };
  const describedBy = {
    args: {
      type: 'object',
      properties: {
        activeCell: {
          type: 'boolean',
          description: trans.__('Act on the active cell, wherever the context menu was opened last')
        }
      }
    }
  };
  app.commands.addCommand(CommandIDs.copyImage, {
    label: trans.__('Copy Image'),
    caption: trans.__('Copy the image of this output to the clipboard'),
    describedBy,
    execute: async args => {
      const image = target(args, '[data-has-image]')?.image;
      if (image) {
        await copyImage(image).catch((error: unknown) => {
          Notification.error(trans.__('The image was not copied: %1', String(error)));
        });
      }
    }
  });
  app.commands.addCommand(CommandIDs.download, {
    label: trans.__('Download Output'),
    caption: trans.__('Save this output as a file'),
    describedBy,
    execute: args => {
      const output = target(args);
      if (output) {
        download(output);
      }
    }
  });
}

function clickedOutput(app: JupyterFrontEnd): StoredOutput | null {
  const node = app.contextMenuHitTest(element => element.classList.contains(FRAME_CLASS));
  return StoredOutput.at(node ?? null);
}

function firstOutput(tracker: INotebookTracker, selector: string): StoredOutput | null {
  const cell = tracker.activeCell?.node;
  return StoredOutput.at(cell?.querySelector(`.${FRAME_CLASS}${selector}`) ?? null);
}
