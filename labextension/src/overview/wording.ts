/** The state of a notebook's outputs in a few words. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatSize } from '../format';
import type { IStoreState } from './store_status';

/** How words are put. */
export interface ILanguage {
  readonly trans: TranslationBundle;
  /** The language of numbers; the browser's if it is not given. */
  readonly locale?: string;
}

/** What the status bar says of a notebook with so many stored bytes; nothing if there is nothing to say. */
export function statusText(total: number, state: IStoreState, language: ILanguage): string {
  if (state.waiting > 0) {
    return waitingText(state.waiting, language);
  }
  const { trans, locale } = language;
  return total > 0 ? trans.__('Outputs: %1 stored', formatSize(total, locale)) : '';
}

/** The same, for who points at it. */
export function statusTitle(total: number, state: IStoreState, language: ILanguage): string {
  const { trans, locale } = language;
  const size = trans.__('Outputs of this notebook: %1', formatSize(total, locale));
  const lines = state.waiting > 0 ? [waitingReason(state, language), size] : [size];
  return [...lines, trans.__('Click to list them')].join('\n');
}

export function waitingText(count: number, { trans }: ILanguage): string {
  return trans._n('%1 output not yet stored', '%1 outputs not yet stored', count);
}

/** Why they are not in the store, and what that means. */
export function waitingReason({ trouble }: IStoreState, { trans }: ILanguage): string {
  return trouble || trans.__('They are safe on this server, and on their way to the store.');
}

/** How full the store is, as far as that is known. */
export function usageText({ used, quota }: IStoreState, { trans, locale }: ILanguage): string {
  if (used === null) {
    return '';
  }
  return quota === null
    ? trans.__('All notebooks: %1', formatSize(used, locale))
    : trans.__('All notebooks: %1 of %2', formatSize(used, locale), formatSize(quota, locale));
}
