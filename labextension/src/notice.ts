/** A line below an output that says what the matter is, and what can be done. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ArtifactError, type Fault } from './artifacts';
import { shortDigest } from './format';
import type { StreamId } from './reference';

export interface INoticeAction {
  readonly label: string;
  readonly run: () => void;
}

export interface INoticeOptions {
  /** For style sheets and tests. */
  kind: Fault | 'retrying' | 'large' | 'unreadable';
  text: string;
  /** The artifact or stream in question; shown shortened. */
  digest?: StreamId;
  /** What else may help, and a command that does it. */
  advice?: { text: string; command: string };
  actions: readonly INoticeAction[];
}

export class Notice extends Widget {
  constructor(options: INoticeOptions) {
    super();
    this.addClass('jp-CrdtOutput-notice');
    this.node.dataset.kind = options.kind;
    // Said when there is time: a page of missing outputs shall not shout.
    this.node.setAttribute('role', 'status');
    const text = document.createElement('span');
    text.textContent = options.text;
    this.node.append(text);
    if (options.digest) {
      const code = document.createElement('code');
      code.textContent = shortDigest(options.digest);
      code.title = options.digest;
      this.node.append(code);
    }
    this.node.append(...options.actions.map(makeButton));
    if (options.advice) {
      const advice = document.createElement('div');
      const command = document.createElement('code');
      command.textContent = options.advice.command;
      advice.append(options.advice.text, ' ', command);
      this.node.append(advice);
    }
  }
}

/** Tells that an output could not be had, and of the next try when there will be one. */
export function faultNotice(
  error: unknown,
  what: string,
  retryMs: number | null,
  onRetry: () => void,
  trans: TranslationBundle
): Notice {
  const told = explain(error, what, trans);
  // What was removed does not come back.
  const actions = told.kind === 'removed' ? [] : [{ label: trans.__('Retry'), run: onRetry }];
  if (retryMs === null) {
    return new Notice({ ...told, actions });
  }
  const seconds = Math.max(1, Math.round(retryMs / 1000));
  const text = trans._n(
    'This output (%2) cannot be fetched now. Trying again in %1 second.',
    'This output (%2) cannot be fetched now. Trying again in %1 seconds.',
    seconds,
    what
  );
  return new Notice({ kind: 'retrying', text, actions });
}

/**
 * Tells that an output is so large that it must be asked for.
 *
 * @param told What is shown of it.
 */
export function largeNotice(
  told: string,
  onShow: () => void,
  onDownload: () => void,
  trans: TranslationBundle
): Notice {
  return new Notice({
    kind: 'large',
    text: told,
    actions: [
      { label: trans.__('Show all'), run: onShow },
      { label: trans.__('Download'), run: onDownload }
    ]
  });
}

function explain(
  error: unknown,
  what: string,
  trans: TranslationBundle
): Omit<INoticeOptions, 'actions'> {
  if (!(error instanceof ArtifactError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: 'unreadable',
      text: trans.__('This output (%1) cannot be read: %2', what, reason)
    };
  }
  const { fault: kind, digest } = error;
  switch (kind) {
    case 'missing':
      return {
        kind,
        digest,
        text: trans.__('This output (%1) is not in the store of this server:', what),
        advice: {
          text: trans.__(
            'Run the cell again. If the notebook comes from another server, that one’s store has it: fetch it in a terminal, then press Retry:'
          ),
          command: 'jupyter crdt-outputs pull NOTEBOOK.ipynb --from STORE'
        }
      };
    case 'removed':
      return { kind, text: trans.__('This output (%1) is gone: %2', what, error.detail) };
    case 'corrupt':
      return { kind, digest, text: trans.__('This output (%1) is damaged in the store:', what) };
    case 'forbidden':
      return { kind, digest, text: trans.__('You may not read this output (%1):', what) };
    case 'unavailable':
      return { kind, digest, text: trans.__('This output (%1) cannot be fetched now:', what) };
  }
}

function makeButton(action: INoticeAction): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-CrdtOutput-button';
  button.textContent = action.label;
  button.onclick = action.run;
  return button;
}
