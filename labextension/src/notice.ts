/** A line below an output that says what the matter is, and what can be done. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ArtifactError, type Fault } from './artifacts';
import { shortDigest } from './format';
import type { Digest } from './reference';

export interface INoticeAction {
  readonly label: string;
  readonly run: () => void;
}

export interface INoticeOptions {
  /** For style sheets and tests. */
  kind: Fault | 'retrying' | 'large' | 'unreadable';
  text: string;
  /** The artifact in question; shown shortened. */
  digest?: Digest;
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
  }
}

/** What to tell about a failure, in the words of one who waits for an output. */
export function explain(
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
      return { kind, digest, text: trans.__('This output (%1) is missing from the store:', what) };
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
