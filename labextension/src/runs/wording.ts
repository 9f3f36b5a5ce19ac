/** Runs of cells in words. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { isUnfinished, type ICellRun, type IExecution } from './record';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** Of the cells that make one stale. */
export const MOST_NAMED = 4;

export interface IWords {
  readonly trans: TranslationBundle;
  readonly locale?: string;
  /** What a user is called, by the name that the server knows. */
  readonly nameOf: (user: string) => string;
  /** What a cell is called, such as `[3]`. */
  readonly cellName: (cell: string) => string;
}

/** 12ms, 2.3s, 42s, 1:05, 2:00:00. */
export function formatDuration(ms: number, locale?: string): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds >= MINUTE_S) {
    const whole = Math.floor(seconds);
    const parts = [Math.floor((whole % HOUR_S) / MINUTE_S), whole % MINUTE_S];
    const digits = whole < HOUR_S ? parts : [Math.floor(whole / HOUR_S), ...parts];
    return digits.map((part, n) => (n ? String(part).padStart(2, '0') : part)).join(':');
  }
  const [amount, unit] =
    seconds < 0.1 ? [Math.round(seconds * 1000), 'millisecond'] : [seconds, 'second'];
  const maximumFractionDigits = amount < 10 && unit === 'second' ? 1 : 0;
  const style = { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits } as const;
  return new Intl.NumberFormat(locale, style).format(amount);
}

/** 5 min. ago. */
export function formatAgo(ms: number, trans: TranslationBundle, locale?: string): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < MINUTE_S) {
    return trans.__('just now');
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  if (seconds < HOUR_S) {
    return format.format(-Math.round(seconds / MINUTE_S), 'minute');
  }
  return seconds < DAY_S
    ? format.format(-Math.round(seconds / HOUR_S), 'hour')
    : format.format(-Math.round(seconds / DAY_S), 'day');
}

/** How long it has run, in milliseconds; null when the kernel never took it up. */
export function durationOf({ started, ended }: IExecution, now: number): number | null {
  return started === null ? null : Math.max(0, (ended ?? now) - started);
}

/** How it ended, or that it has not, in a sentence without a full stop. */
export function statusText(execution: IExecution, now: number, words: IWords): string {
  const { trans, locale } = words;
  const ms = durationOf(execution, now);
  const time = ms === null ? '' : formatDuration(ms, locale);
  const error = execution.error ?? trans.__('an error');
  switch (execution.status) {
    case 'queued':
      return trans.__('Waits for the kernel');
    case 'running':
      return trans.__('Running for %1', time);
    case 'waiting-for-input':
      return trans.__('Waits for input');
    case 'ok':
      return time ? trans.__('Ran in %1', time) : trans.__('Ran');
    case 'error':
      return time ? trans.__('%1 after %2', error, time) : error;
    case 'aborted':
      return trans.__('Not run, since a cell before it failed');
    case 'cancelled':
      return time ? trans.__('Cancelled after %1', time) : trans.__('Cancelled');
    case 'timeout':
      return trans.__('Stopped after %1: its time was up', time);
    case 'interrupted':
      return time ? trans.__('Its kernel ended after %1', time) : trans.__('Its kernel ended');
  }
}

/** Who ran a cell. What they say of themselves is never shown as if the server knew it. */
export function whoRan(
  { user, claimedName }: Pick<IExecution, 'user' | 'claimedName'>,
  { trans, nameOf }: Pick<IWords, 'trans' | 'nameOf'>
): string {
  const name = nameOf(user);
  return claimedName ? trans.__('%1 who goes by “%2”', name, claimedName) : name;
}

/** The line below a cell: 2.3s · Ada · 5 min. ago. */
export function lineText(execution: IExecution, now: number, words: IWords): string {
  const { trans, locale } = words;
  const { status, ended, queued } = execution;
  const ms = durationOf(execution, now);
  const isPlain = (status === 'ok' || status === 'running') && ms !== null;
  const first = isPlain ? formatDuration(ms, locale) : statusText(execution, now, words);
  const when = formatAgo(now - (ended ?? queued), trans, locale);
  return [first, whoRan(execution, words), ...(isUnfinished(execution) ? [] : [when])].join(' · ');
}

/** Why a cell is stale; empty when it is not. *runOf* tells of other cells. */
export function staleText(
  { stale, because, execution }: ICellRun,
  runOf: (cell: string) => ICellRun | undefined,
  { trans, cellName }: IWords
): string {
  switch (stale) {
    case null:
      return '';
    case 'edited':
      return trans.__('Stale: the source has changed since');
    case 'restarted':
      return trans.__('Stale: the kernel was restarted since');
    case 'upstream': {
      const some = because.slice(0, MOST_NAMED).map(cellName).join(', ');
      const cells = because.length > MOST_NAMED ? `${some}, …` : some;
      const causes = because.map(runOf);
      const wereRun = causes.every(
        cause => !cause?.stale && (cause?.execution?.id ?? '') > (execution?.id ?? '')
      );
      if (because.length === 0) {
        return trans.__('Stale: what it depends on has changed since');
      }
      return wereRun
        ? trans._n(
            'Stale: cell %2 was run after it',
            'Stale: cells %2 were run after it',
            because.length,
            cells
          )
        : trans._n(
            'Stale: cell %2 has changed since',
            'Stale: cells %2 have changed since',
            because.length,
            cells
          );
    }
  }
}
