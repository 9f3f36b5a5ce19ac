/** Runs in words. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatDuration, whoRan } from '../runs/wording';
import type { Place } from './listing';
import type { IRun } from './runs';

export interface IWords {
  readonly trans: TranslationBundle;
  readonly locale?: string;
  /** What a user is called, by the name that the server knows. */
  readonly userName: (user: string) => string;
}

/** [3] 14:32:05. */
export function nameOf(run: IRun, words: IWords): string {
  return [`[${run.count ?? ' '}]`, timeText(run, words)].filter(part => part !== '').join(' ');
}

/** When it began: the time of today, else the day, too. */
export function timeText({ started }: IRun, { locale }: IWords): string {
  if (started === null) {
    return '';
  }
  const [date, today] = [new Date(started), new Date()];
  const isToday = date.toDateString() === today.toDateString();
  return new Intl.DateTimeFormat(locale, {
    timeStyle: 'medium',
    ...(!isToday && { dateStyle: 'medium' })
  }).format(date);
}

/** Where it is seen beside the list, in a word or two; empty when nowhere. */
export function placeText(place: Place, { trans }: IWords): string {
  switch (place) {
    case 'notebook':
      return trans.__('In the notebook');
    case 'replaced':
      return trans.__('Replaced');
    case null:
      return '';
  }
}

/** How it ended, how long that took, and who had asked for it. */
export function detailsOf(run: IRun, { trans, locale, userName }: IWords): string {
  const { status, error, started, ended, user } = run;
  const words: Record<string, string> = {
    error: error || trans.__('error'),
    timeout: trans.__('its time was up'),
    interrupted: trans.__('interrupted')
  };
  const time = started !== null && ended !== null ? formatDuration(ended - started, locale) : '';
  return [words[status] ?? '', time, user && whoRan(run, { trans, nameOf: userName })]
    .filter(part => part !== '')
    .join(' · ');
}

/** What an error says. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
