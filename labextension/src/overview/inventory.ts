/** Follows what the current notebook keeps in the store. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { VDomModel } from '@jupyterlab/ui-components';

import { NOTHING_STORED, storedArtifacts, type IStoredArtifacts } from './stored_artifacts';

/** The shortest time between two looks, in milliseconds. */
const PAUSE_MS = 500;

/** A look at a huge notebook takes so small a part of the time at most. */
const SHARE = 1 / 50;

/** Up to date half a second after a change, later in notebooks of very many outputs. */
export class Inventory extends VDomModel {
  constructor(private readonly _tracker: INotebookTracker) {
    super();
    _tracker.currentChanged.connect(this._follow);
    this._follow();
  }

  /** The notebook that was used last. */
  get notebook(): NotebookPanel | null {
    return this._notebook;
  }

  get artifacts(): IStoredArtifacts {
    return this._artifacts;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._tracker.currentChanged.disconnect(this._follow);
      this._leave();
      super.dispose();
    }
  }

  private readonly _follow = (): void => {
    this._leave();
    this._notebook = this._tracker.currentWidget;
    this._notebook?.content.modelChanged.connect(this._look);
    this._notebook?.content.modelContentChanged.connect(this._changed);
    this._look();
  };

  private _leave(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    this._notebook?.content.modelChanged.disconnect(this._look);
    this._notebook?.content.modelContentChanged.disconnect(this._changed);
  }

  private readonly _changed = (): void => {
    this._timer ??= setTimeout(this._look, this._pauseMs);
  };

  private readonly _look = (): void => {
    clearTimeout(this._timer);
    this._timer = undefined;
    const start = performance.now();
    const cells = this._notebook?.content.model?.cells;
    this._artifacts = cells ? storedArtifacts(cells) : NOTHING_STORED;
    this._pauseMs = Math.max(PAUSE_MS, (performance.now() - start) / SHARE);
    this.stateChanged.emit();
  };

  private _notebook: NotebookPanel | null = null;
  private _artifacts = NOTHING_STORED;
  private _pauseMs = PAUSE_MS;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
