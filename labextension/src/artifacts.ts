/** Bytes by digest. */
import { Token } from '@lumino/coreutils';

import type { Digest, IPart, StreamId } from './reference';

/**
 * Why an artifact could not be had: it is not in the store; it was removed for good; the store's bytes are not the artifact's; this user may not
 * read it; or nobody can tell right now, and trying again makes sense.
 */
export type Fault = 'missing' | 'removed' | 'corrupt' | 'forbidden' | 'unavailable';

/** An artifact, or a part of a long stream, that could not be had. */
export class ArtifactError extends Error {
  constructor(
    readonly fault: Fault,
    readonly digest: StreamId,
    /** The server's words, where there are any for people. */
    readonly detail: string
  ) {
    super(`${fault}: ${detail} (${digest})`);
    this.name = 'ArtifactError';
  }
}

/** Reads artifacts: whole ones, or their beginning, but never less than was asked for. */
export interface IArtifactClient {
  /**
   * Where the browser itself may load an artifact from, as `<img src>` or a download.
   *
   * @param mimeType What the artifact is to be served as.
   */
  url(digest: Digest, mimeType: string, download?: boolean): string;

  /**
   * The whole artifact, of exactly `part.size` bytes.
   *
   * @throws {@link ArtifactError}, after the unavailable ones were tried again for about a minute.
   */
  bytes(part: IPart, mimeType: string, options?: IFetchOptions): Promise<Uint8Array>;

  /** The same of its first *count* bytes, and of none after them. */
  beginning(
    part: IPart,
    mimeType: string,
    count: number,
    options?: IFetchOptions
  ): Promise<Uint8Array>;

  /** What {@link bytes} would answer without asking the server, if it would. */
  atHand(part: IPart): Uint8Array | undefined;
}

/** How to wait for an artifact. */
export interface IFetchOptions {
  /** Stops the waiting, and with it the trying again. */
  signal?: AbortSignal;
  /** Told before every pause between two tries. */
  onRetry?: (error: ArtifactError, delayMs: number) => void;
}

export const IArtifactClient = new Token<IArtifactClient>(
  'jupyter-crdt-outputs:IArtifactClient',
  'Reads artifacts of outputs by their digest.'
);
