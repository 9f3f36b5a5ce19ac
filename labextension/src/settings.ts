/** What a user may set; the schema holds the same defaults. */
import { Signal, type ISignal } from '@lumino/signaling';

const RUNS_SHOWN = ['hover', 'always', 'never'] as const;

/** When a cell says who ran it. */
export type RunsShown = (typeof RUNS_SHOWN)[number];

export interface ISettings {
  /** How near the visible part of the page an output is fetched, in pixels. */
  readonly prefetchMargin: number;
  /** The largest artifact that is shown without being asked for, in bytes. */
  readonly largestUnasked: number;
  /** The same for a table in HTML, which a page takes long to lay out. */
  readonly largestTable: number;
  /** The same for JSON that is shown as such. */
  readonly largestJson: number;
  /** The largest part of an output that stays in the file of a notebook that is to be small, in bytes. */
  readonly largeForFile: number;
  /** Whether a badge tells the type and size of an output that is pointed at. */
  readonly badge: boolean;
  /** When a cell says who ran it, when, and how it ended. */
  readonly runs: RunsShown;
  /** Whether a cell is marked whose outputs are not what it would put out now. */
  readonly staleMarks: boolean;
  /** Whether, when this user has run a cell, those that read from it are run too. */
  readonly rerunStale: boolean;
}

const MEGABYTE = 1_000_000;

export const DEFAULT_SETTINGS: ISettings = Object.freeze({
  prefetchMargin: 300,
  largestUnasked: 50 * MEGABYTE,
  largestTable: MEGABYTE,
  largestJson: 20 * MEGABYTE,
  largeForFile: MEGABYTE,
  badge: true,
  runs: 'hover',
  staleMarks: true,
  rerunStale: false
});

/** The settings in force, and word of their change. */
export class Settings {
  get current(): ISettings {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take what the settings editor holds; what it does not say, or says wrong, keeps its default. */
  update(composite: Readonly<Record<string, unknown>>): void {
    const {
      prefetchMargin,
      largestUnaskedMB,
      largestTableMB,
      largestJsonMB,
      largeForFileMB,
      badge,
      runs,
      staleMarks,
      rerunStale
    } = composite;
    this._current = Object.freeze({
      prefetchMargin: amount(prefetchMargin, 1, DEFAULT_SETTINGS.prefetchMargin),
      largestUnasked: amount(largestUnaskedMB, MEGABYTE, DEFAULT_SETTINGS.largestUnasked),
      largestTable: amount(largestTableMB, MEGABYTE, DEFAULT_SETTINGS.largestTable),
      largestJson: amount(largestJsonMB, MEGABYTE, DEFAULT_SETTINGS.largestJson),
      largeForFile: amount(largeForFileMB, MEGABYTE, DEFAULT_SETTINGS.largeForFile),
      badge: flag(badge, DEFAULT_SETTINGS.badge),
      runs: RUNS_SHOWN.find(known => known === runs) ?? DEFAULT_SETTINGS.runs,
      staleMarks: flag(staleMarks, DEFAULT_SETTINGS.staleMarks),
      rerunStale: flag(rerunStale, DEFAULT_SETTINGS.rerunStale)
    });
    this._changed.emit();
  }

  private _current = DEFAULT_SETTINGS;
  private readonly _changed = new Signal<this, void>(this);
}

function amount(value: unknown, unit: number, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value * unit : otherwise;
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}
