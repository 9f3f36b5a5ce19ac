/** What a user may set; the schema holds the same defaults. */
import { Signal, type ISignal } from '@lumino/signaling';

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
}

const MEGABYTE = 1_000_000;

export const DEFAULT_SETTINGS: ISettings = Object.freeze({
  prefetchMargin: 300,
  largestUnasked: 50 * MEGABYTE,
  largestTable: MEGABYTE,
  largestJson: 20 * MEGABYTE,
  largeForFile: MEGABYTE,
  badge: true
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
      badge
    } = composite;
    this._current = Object.freeze({
      prefetchMargin: amount(prefetchMargin, 1, DEFAULT_SETTINGS.prefetchMargin),
      largestUnasked: amount(largestUnaskedMB, MEGABYTE, DEFAULT_SETTINGS.largestUnasked),
      largestTable: amount(largestTableMB, MEGABYTE, DEFAULT_SETTINGS.largestTable),
      largestJson: amount(largestJsonMB, MEGABYTE, DEFAULT_SETTINGS.largestJson),
      largeForFile: amount(largeForFileMB, MEGABYTE, DEFAULT_SETTINGS.largeForFile),
      badge: typeof badge === 'boolean' ? badge : DEFAULT_SETTINGS.badge
    });
    this._changed.emit();
  }

  private _current = DEFAULT_SETTINGS;
  private readonly _changed = new Signal<this, void>(this);
}

function amount(value: unknown, unit: number, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value * unit : otherwise;
}
