/** The server's artifact endpoint. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ArtifactError, type Fault, type IArtifactClient, type IFetchOptions } from './artifacts';
import { RecentBytes } from './recent';
import type { Digest, IPart } from './reference';

/** Pauses between tries: a restarting server or a store's short outage is over before they are. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 5000, 10_000, 30_000];

/** Enough to redraw a cell whose outputs grow without asking again; bulk is the browser cache's business. */
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

  async bytes(part: IPart, mimeType: string, options: IFetchOptions = {}): Promise<Uint8Array> {
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted();
      try {
        return await this._shared(part, mimeType);
      } catch (error) {
        const delay = this._delays[attempt];
        if (
          !(error instanceof ArtifactError && error.fault === 'unavailable') ||
          delay === undefined
        ) {
          throw error;
        }
        options.signal?.throwIfAborted();
        options.onRetry?.(error, delay);
        options.signal?.throwIfAborted();
        await pause(delay, options.signal);
      }
    }
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
    let response: Response;
    let body: Uint8Array;
    try {
      // The default cache mode of makeRequest adds a time stamp, and an artifact would be fetched every time.
      const init: RequestInit = { cache: 'default' };
      response = await ServerConnection.makeRequest(
        this.url(part.digest, mimeType),
        init,
        this._settings
      );
      body = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new ArtifactError('unavailable', part.digest, String(error));
    }
    if (!response.ok) {
      throw new ArtifactError(
        faultOf(response.status, body),
        part.digest,
        `HTTP ${response.status}`
      );
    }
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

/** A gateway in front of the server answers 502 as well, but only the server says why. */
function faultOf(status: number, body: Uint8Array): Fault {
  switch (status) {
    case 404:
      return 'missing';
    case 401:
    case 403:
      return 'forbidden';
    case 502:
      return hasReason(body) ? 'corrupt' : 'unavailable';
    default:
      return 'unavailable';
  }
}

function hasReason(body: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null && 'reason' in value;
  } catch {
    return false;
  }
}

function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new DOMException('No longer wanted', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
