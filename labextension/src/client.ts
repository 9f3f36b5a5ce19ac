/** The server's artifact endpoint. */
import { ArtifactError, type IArtifactClient, type IFetchOptions } from './artifacts';
import { Endpoint, type IEndpointOptions } from './endpoint';
import { RecentBytes } from './recent';
import type { Digest, IPart } from './reference';

/** Enough to redraw a cell without asking again; bulk is the browser cache's business. */
const REMEMBERED_BYTES = 32 * 1024 * 1024;

export interface IArtifactClientOptions extends IEndpointOptions {
  /** How many bytes of artifacts to keep in memory. */
  rememberedBytes?: number;
}

export class ArtifactClient implements IArtifactClient {
  constructor(options: IArtifactClientOptions = {}) {
    this._endpoint = new Endpoint('api/crdt-outputs/artifacts', options);
    this._recent = new RecentBytes(options.rememberedBytes ?? REMEMBERED_BYTES);
  }

  url(digest: Digest, mimeType: string, download = false): string {
    return this._endpoint.url(digest, { type: mimeType, ...(download && { download: '1' }) });
  }

  atHand(part: IPart): Uint8Array | undefined {
    return this._recent.get(part.digest);
  }

  bytes(part: IPart, mimeType: string, options: IFetchOptions = {}): Promise<Uint8Array> {
    return this._endpoint.retrying(() => this._shared(part, mimeType), options);
  }

  async beginning(
    part: IPart,
    mimeType: string,
    count: number,
    options: IFetchOptions = {}
  ): Promise<Uint8Array> {
    const most = Math.min(count, part.size);
    const url = this.url(part.digest, mimeType);
    const headers = { Range: `bytes=0-${most - 1}` };
    const { signal } = options;
    const attempt = async (): Promise<Uint8Array> => {
      const bytes = await this._endpoint.bytes(url, part.digest, { headers, signal }, most);
      return checked(bytes, part, most);
    };
    return this.atHand(part)?.subarray(0, most) ?? this._endpoint.retrying(attempt, options);
  }

  /** Two views of one output ask once. */
  private async _shared(part: IPart, mimeType: string): Promise<Uint8Array> {
    const known = this._recent.get(part.digest);
    if (known) {
      return checked(known, part);
    }
    let pending = this._pending.get(part.digest);
    if (!pending) {
      pending = this._fetch(part, mimeType).finally(() => this._pending.delete(part.digest));
      this._pending.set(part.digest, pending);
    }
    return checked(await pending, part);
  }

  private async _fetch(part: IPart, mimeType: string): Promise<Uint8Array> {
    const url = this.url(part.digest, mimeType);
    const body = await this._endpoint.bytes(url, part.digest);
    this._recent.set(part.digest, checked(body, part));
    return body;
  }

  private readonly _endpoint: Endpoint;
  private readonly _pending = new Map<Digest, Promise<Uint8Array>>();
  private readonly _recent: RecentBytes<Digest>;
}

function checked(bytes: Uint8Array, part: IPart, size = part.size): Uint8Array {
  if (bytes.byteLength !== size) {
    throw new ArtifactError('corrupt', part.digest, `${bytes.byteLength} bytes instead of ${size}`);
  }
  return bytes;
}
