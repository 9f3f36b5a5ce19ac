/** Notebooks whose outputs the server still reads from their file: how far it is, and whether they are trusted. */
import { isCodeCellModel, type ICellModel } from '@jupyterlab/cells';
import type { CellList } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { formatSize } from './format';

export const OPENING_SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_outputs/opening/v1';

/** How much of a notebook's outputs is read. */
export interface IOpening {
  readonly path: string;
  readonly read: number;
  readonly total: number;
}

/** The progress among all events of the server, or null. */
export function parseOpening(event: unknown): IOpening | null {
  const given = (event ?? {}) as Record<string, unknown>;
  const { schema_id: schema, path, read_bytes: read, total_bytes: total } = given;
  return schema === OPENING_SCHEMA &&
    typeof path === 'string' &&
    typeof read === 'number' &&
    typeof total === 'number'
    ? { path, read, total }
    : null;
}

/** Knows which notebooks are being read. */
export class Openings {
  /** Take what the server says. */
  hear(opening: IOpening): void {
    if (opening.read < opening.total) {
      this._openings.set(opening.path, opening);
    } else {
      this._openings.delete(opening.path);
    }
    this._changed.emit(opening.path);
  }

  /** Of the notebook at a path; null when all of it is read, as far as is known. */
  get(path: string): IOpening | null {
    return this._openings.get(path) ?? null;
  }

  /** Emitted with the path of a notebook. */
  get changed(): Signal<this, string> {
    return this._changed;
  }

  private readonly _openings = new Map<string, IOpening>();
  private readonly _changed = new Signal<this, string>(this);
}

/** A line above a notebook that says how much of its outputs is read; hidden when all are. */
export class OpeningBar extends Widget {
  /**
   * @param path The notebook's, as the server knows it; it may be renamed.
   */
  constructor(
    private readonly _openings: Openings,
    private readonly _path: () => string,
    private readonly _trans: TranslationBundle,
    private readonly _locale?: string
  ) {
    super();
    this.addClass('jp-CrdtOpening');
    this.node.setAttribute('role', 'status');
    this.node.append(this._bar, this._text);
    _openings.changed.connect(this._refresh);
    this._refresh();
  }

  override dispose(): void {
    this._openings.changed.disconnect(this._refresh);
    super.dispose();
  }

  private readonly _refresh = (): void => {
    const opening = this._openings.get(this._path());
    this.setHidden(opening === null);
    if (opening) {
      const total = formatSize(opening.total, this._locale);
      this._bar.max = opening.total;
      if (opening.read > 0) {
        this._bar.value = opening.read;
        const read = formatSize(opening.read, this._locale);
        this._text.textContent = this._trans.__(
          'Reading outputs from the file: %1 of %2',
          read,
          total
        );
      } else {
        // All are read once before, to know whether they are trusted: a bar that stands still would look stuck.
        this._bar.removeAttribute('value');
        this._text.textContent = this._trans.__('Reading outputs from the file: %1', total);
      }
    }
  };

  private readonly _bar = document.createElement('progress');
  private readonly _text = document.createElement('span');
}

/**
 * Trusts the outputs that are to come into a cell, when the document comes to say that the cell is trusted.
 *
 * JupyterLab asks when it first shows a cell, and that is before the server has read the outputs that decide it. A cell
 * that has outputs already is left alone: JupyterLab would write them into the document anew, in each page.
 */
export class TrustFollower implements IDisposable {
  constructor(private readonly _cells: Pick<CellList, 'changed' | typeof Symbol.iterator>) {
    for (const cell of _cells) {
      this._follow(cell);
    }
    _cells.changed.connect(this._onCells);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
    this._cells.changed.disconnect(this._onCells);
  }

  private readonly _onCells = (
    _: unknown,
    change: { type: string; newValues: ICellModel[] }
  ): void => {
    for (const cell of change.newValues) {
      this._follow(cell);
    }
  };

  private _follow(cell: ICellModel | undefined): void {
    if (cell && isCodeCellModel(cell)) {
      cell.metadataChanged.connect(this._onMetadata, this);
      this._onMetadata(cell);
    }
  }

  private readonly _onMetadata = (cell: ICellModel): void => {
    if (
      isCodeCellModel(cell) &&
      !cell.trusted &&
      cell.getMetadata('trusted') === true &&
      cell.outputs.length === 0
    ) {
      cell.trusted = true;
    }
  };

  private _isDisposed = false;
}
