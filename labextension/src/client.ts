/** The server's artifact endpoint. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ArtifactError, type IArtifactClient, type IFetchOptions } from './artifacts';
import { RecentBytes } from './recent';
import type { Digest, IPart } from './reference';
import { askForBytes, RETRY_DELAYS_MS, retrying } from './requests';

/** Enough to redraw a cell without asking again; bulk is the browser cache's business. */
const REMEMBERED_BYTES = 32 * 1024 * 1024;

export interface IArtifactClientOptions {
  serverSettings?: ServerConnection.ISettings;
  /** The pauses between tries, in milliseconds; their number is that of the tries after the first. */
  retryDelaysMs?: readonly number[];
  /** How many bytes of artifacts to keep in memory. */
  rememberedBytes?: number;
}

export class ArtifactClient implements IArtifactClient {
  constructor(options: IArtifactClientOptions = {}) {
    this._settings = options.serverSettings ?? ServerConnection.makeSettings();
    this._delays = options.retryDelaysMs ?? RETRY_DELAYS_MS;
    this._recent = new RecentBytes(options.rememberedBytes ?? REMEMBERED_BYTES);
  }

  url(digest: Digest, mimeType: string, download = false): string {
    const path = URLExt.join(this._settings.baseUrl, 'api/crdt-outputs/artifacts', digest);
    return (
      path + URLExt.objectToQueryString({ type: mimeType, ...(download && { download: '1' }) })
    );
  }

  atHand(part: IPart): Uint8Array | undefined {
    return this._recent.get(part.digest);
  }

  bytes(part: IPart, mimeType: string, options: IFetchOptions = {}): Promise<Uint8Array> {
    return retrying(() => this._shared(part, mimeType), this._delays, options);
  }

  /** Two views of one output ask once. */
  private async _shared(part: IPart, mimeType: string): Promise<Uint8Array> {
    const known = this._recent.get(part.digest);
    if (known) {
      return this._checked(known, part);
    }
    let pending = this._pending.get(part.digest);
    if (!pending) {
      pending = this._fetch(part, mimeType).finally(() => this._pending.delete(part.digest));
      this._pending.set(part.digest, pending);
    }
    return this._checked(await pending, part);
  }

  private async _fetch(part: IPart, mimeType: string): Promise<Uint8Array> {
    const url = this.url(part.digest, mimeType);
    const body = await askForBytes(url, part.digest, this._settings);
    this._recent.set(part.digest, this._checked(body, part));
    return body;
  }

  private _checked(bytes: Uint8Array, part: IPart): Uint8Array {
    if (bytes.byteLength !== part.size) {
      const detail = `${bytes.byteLength} bytes instead of ${part.size}`;
      throw new ArtifactError('corrupt', part.digest, detail);
    }
    return bytes;
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _delays: readonly number[];
  private readonly _pending = new Map<Digest, Promise<Uint8Array>>();
  private readonly _recent: RecentBytes<Digest>;
}
