/** How things stand with the store, by the server's word. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection, type Event } from '@jupyterlab/services';
import { VDomModel } from '@jupyterlab/ui-components';
import { Poll } from '@lumino/polling';

import { parseDigest, type Digest } from '../reference';

export const STORE_SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_outputs/store/v1';

const PATH = 'api/crdt-outputs/store';

/** The server says by itself when something changes; but a connection may be lost just then. */
const ASK_AGAIN_MS = 30_000;

export interface IStoreState {
  /** Artifacts that are on the server and not yet in the store. */
  readonly waiting: number;
  /** Why they are not there, for people. */
  readonly trouble: string;
  /** What the store holds and may hold, in bytes; null where nobody has counted, or there is no limit. */
  readonly used: number | null;
  readonly quota: number | null;
}

const CALM: IStoreState = Object.freeze({ waiting: 0, trouble: '', used: null, quota: null });

/** The state that an event or an answer tells, or null. */
export function parseStoreState(value: unknown): IStoreState | null {
  const given = (value ?? {}) as Record<string, unknown>;
  const { waiting, trouble, used_bytes: used, quota_bytes: quota } = given;
  return typeof waiting === 'number' && typeof trouble === 'string'
    ? { waiting, trouble, used: numberOrNull(used), quota: numberOrNull(quota) }
    : null;
}

export interface IStoreStatusOptions {
  serverSettings: ServerConnection.ISettings;
  events: Pick<Event.IManager, 'stream'>;
}

export class StoreStatus extends VDomModel {
  constructor(private readonly _options: IStoreStatusOptions) {
    super();
    _options.events.stream.connect(this._hear);
    this._poll = new Poll({
      name: 'jupyter-crdt-outputs:store',
      factory: () => this._ask(),
      frequency: { interval: ASK_AGAIN_MS, backoff: true, max: 10 * ASK_AGAIN_MS },
      standby: () => (this._isKnown && this.state.waiting === 0 ? true : 'when-hidden')
    });
  }

  get state(): IStoreState {
    return this._state;
  }

  /** What is not yet in the store, as far as the server lists it; kept up only while {@link isListing}. */
  get waiting(): ReadonlySet<Digest> {
    return this._waiting;
  }

  /** Whether anybody wants to know which artifacts wait. */
  get isListing(): boolean {
    return this._isListing;
  }

  set isListing(value: boolean) {
    this._isListing = value;
    this._list();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._poll.dispose();
      this._options.events.stream.disconnect(this._hear);
      super.dispose();
    }
  }

  private readonly _hear = (_: unknown, event: Event.Emission): void => {
    const state = event.schema_id === STORE_SCHEMA ? parseStoreState(event) : null;
    if (state) {
      this._heard++;
      this._take(state);
      this._list();
    }
  };

  private _list(): void {
    if (this._isListing && this._state.waiting > 0) {
      void this._poll.refresh();
    }
  }

  private async _ask(): Promise<void> {
    const { serverSettings } = this._options;
    const query = this._isListing ? '?digests=1' : '';
    const url = URLExt.join(serverSettings.baseUrl, PATH) + query;
    const heard = this._heard;
    const response = await ServerConnection.makeRequest(url, {}, serverSettings);
    const answer: unknown = response.ok ? await response.json() : null;
    const state = parseStoreState(answer);
    if (!state) {
      throw new Error(`no state of the store: HTTP ${response.status}`);
    }
    const { digests } = answer as { digests?: unknown };
    if (Array.isArray(digests)) {
      this._waiting = new Set(digests.map(parseDigest).filter(digest => digest !== null));
    }
    // What was heard while the answer was on its way is newer.
    this._take(heard === this._heard ? state : this._state);
    if (heard !== this._heard && this._isListing) {
      await this._ask();
    }
  }

  private _take(state: IStoreState): void {
    this._isKnown = true;
    this._state = state;
    if (state.waiting === 0) {
      this._waiting = new Set();
    }
    this.stateChanged.emit();
  }

  private readonly _poll: Poll;
  private _state = CALM;
  private _isKnown = false;
  private _heard = 0;
  private _isListing = false;
  private _waiting: ReadonlySet<Digest> = new Set();
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
