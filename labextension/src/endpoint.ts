/** One of the server's endpoints: where it is, and how patient to be with it. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IFetchOptions } from './artifacts';
import type { StreamId } from './reference';
import { ask, readBytes, retrying } from './requests';

/** Pauses between tries: a restarting server or a store's short outage is over before they are. */
const RETRY_DELAYS_MS: readonly number[] = [500, 1000, 2000, 5000, 10_000, 30_000];

export interface IEndpointOptions {
  serverSettings?: ServerConnection.ISettings;
  /** The pauses between tries, in milliseconds; their number is that of the tries after the first. */
  retryDelaysMs?: readonly number[];
}

export class Endpoint {
  /** @param _path Relative to the server's base address. */
  constructor(
    private readonly _path: string,
    options: IEndpointOptions
  ) {
    this._settings = options.serverSettings ?? ServerConnection.makeSettings();
    this._delays = options.retryDelaysMs ?? RETRY_DELAYS_MS;
  }

  /** @param part What of it is asked for, as a path. */
  url(id: StreamId, query: Record<string, string | number>, part = ''): string {
    const path = URLExt.join(this._settings.baseUrl, this._path, id);
    return path + part + URLExt.objectToQueryString(query);
  }

  /** The answer to one question; see {@link ask}. */
  ask(url: string, id: StreamId, init: RequestInit = {}): Promise<Response> {
    return ask(url, id, this._settings, init);
  }

  /** Its bytes, or with *most* only so many of them; nothing of it is used before they are there. */
  async bytes(
    url: string,
    id: StreamId,
    init: RequestInit = {},
    most = Infinity
  ): Promise<Uint8Array> {
    return readBytes(await this.ask(url, id, init), id, init.signal, most);
  }

  /** Try until it works, the pauses are used up, or the error is none that passes. */
  retrying<Answer>(attempt: () => Promise<Answer>, options: IFetchOptions): Promise<Answer> {
    return retrying(attempt, this._delays, options);
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _delays: readonly number[];
}
