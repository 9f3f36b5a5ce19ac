/** Whether large outputs are in the notebook's file itself, or only in the store. */
import { URLExt } from '@jupyterlab/coreutils';
import type { INotebookModel, INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import type { PartialJSONObject } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

/** Where in its metadata a notebook has a limit of its own; the server reads the same. */
const METADATA = 'crdt-outputs';
const KEY = 'file_max_bytes';
const SMALLEST = 256;

const PATH = 'api/crdt-outputs/limit';

/** Bytes of the largest part of an output that is in the file; null for no limit. */
export type Limit = number | null;

/** What a notebook says itself; undefined when it says nothing, or nothing that the server would follow. */
export function ownLimit(model: INotebookModel): Limit | undefined {
  const limit = wordsOf(model)[KEY];
  return limit === null || (Number.isInteger(limit) && Number(limit) >= SMALLEST)
    ? (limit as Limit)
    : undefined;
}

/** Have the notebook say this; with undefined nothing, so that the server's word holds. */
export function setOwnLimit(model: INotebookModel, limit: Limit | undefined): void {
  const { [KEY]: _, ...others } = wordsOf(model);
  const words = limit === undefined ? others : { ...others, [KEY]: limit };
  if (Object.keys(words).length > 0) {
    model.setMetadata(METADATA, words);
  } else {
    model.deleteMetadata(METADATA);
  }
}

function wordsOf(model: INotebookModel): PartialJSONObject {
  const words: unknown = model.getMetadata(METADATA);
  return typeof words === 'object' && words !== null && !Array.isArray(words)
    ? (words as PartialJSONObject)
    : {};
}

export interface IFileLimitOptions {
  tracker: INotebookTracker;
  serverSettings: ServerConnection.ISettings;
  /** Whether the server has any limit, so that it is worth a question what holds for a notebook. */
  hasServerLimits: boolean;
  /** What is large, in bytes, where a user wants a limit and the server has none. */
  large: () => number;
}

/** The limit of the current notebook, and the switch for it. */
export class FileLimit {
  constructor(private readonly _options: IFileLimitOptions) {
    _options.tracker.currentChanged.connect(this._follow);
    this._follow();
  }

  /** What is shown may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether there is a notebook to which this applies. */
  get isAvailable(): boolean {
    return this._model?.readOnly === false;
  }

  /** Whether large outputs are kept out of the current notebook's file. */
  get isOn(): boolean {
    const own = this._model && ownLimit(this._model);
    return (own === undefined ? this._serverLimit : own) !== null;
  }

  /** Switch; the next save follows it. */
  toggle(): void {
    const model = this._model;
    if (!model) {
      return;
    }
    const wanted = !this.isOn;
    const isServers = (this._serverLimit !== null) === wanted;
    const own = wanted ? Math.max(SMALLEST, Math.round(this._options.large())) : null;
    setOwnLimit(model, isServers ? undefined : own);
    this._changed.emit();
  }

  private get _model(): INotebookModel | null {
    return this._options.tracker.currentWidget?.content.model ?? null;
  }

  private get _serverLimit(): Limit {
    const panel = this._options.tracker.currentWidget;
    return (panel && this._serverLimits.get(panel)) ?? null;
  }

  private readonly _follow = (): void => {
    const panel = this._options.tracker.currentWidget;
    this._changed.emit();
    if (!panel || this._followed.has(panel)) {
      return;
    }
    this._followed.add(panel);
    const { context } = panel;
    const ask = (): void => {
      void this._ask(panel);
    };
    const tell = (): void => {
      this._changed.emit();
    };
    void context.ready.then(() => {
      context.model.metadataChanged.connect(tell);
      ask();
    });
    context.pathChanged.connect(ask);
  };

  private async _ask(panel: NotebookPanel): Promise<void> {
    const { serverSettings, hasServerLimits } = this._options;
    if (hasServerLimits) {
      const limit = await serverLimit(panel.context.localPath, serverSettings).catch(() => null);
      this._serverLimits.set(panel, limit);
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _followed = new WeakSet<NotebookPanel>();
  private readonly _serverLimits = new WeakMap<NotebookPanel, Limit>();
}

async function serverLimit(path: string, settings: ServerConnection.ISettings): Promise<Limit> {
  const url = URLExt.join(settings.baseUrl, PATH) + URLExt.objectToQueryString({ path });
  const response = await ServerConnection.makeRequest(url, {}, settings);
  const answer = response.ok ? ((await response.json()) as Record<string, unknown>) : {};
  return typeof answer[KEY] === 'number' ? answer[KEY] : null;
}
