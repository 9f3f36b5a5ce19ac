/** Questions to the server's endpoints: errors say what can be done about them, and those that pass are asked again. */
import { ServerConnection } from '@jupyterlab/services';

import { ArtifactError, type Fault, type IFetchOptions } from './artifacts';
import type { StreamId } from './reference';

/** Pauses between tries: a restarting server or a store's short outage is over before they are. */
export const RETRY_DELAYS_MS: readonly number[] = [500, 1000, 2000, 5000, 10_000, 30_000];

/**
 * The server's answer to a GET, which the browser is free to give from its cache.
 *
 * @param id What the answer is about.
 * @throws {@link ArtifactError}; an `AbortError` when the signal says so; another error, with the server's words, when it
 *   calls the question a bad one.
 */
export async function ask(
  url: string,
  id: StreamId,
  settings: ServerConnection.ISettings,
  signal?: AbortSignal
): Promise<Response> {
  // The default cache mode of makeRequest adds a time stamp, and an artifact would be fetched every time.
  const init: RequestInit = { cache: 'default', signal };
  const response = await unlessAborted(id, signal, () =>
    ServerConnection.makeRequest(url, init, settings)
  );
  if (!response.ok) {
    const body = parse(await unlessAborted(id, signal, () => response.text()));
    if (response.status === 400) {
      throw new Error(typeof body.message === 'string' ? body.message : response.statusText);
    }
    throw new ArtifactError(faultOf(response.status, body), id, `HTTP ${response.status}`);
  }
  return response;
}

/** The same, of which nothing is used before all is there. */
export async function askForBytes(
  url: string,
  id: StreamId,
  settings: ServerConnection.ISettings,
  signal?: AbortSignal
): Promise<Uint8Array> {
  const response = await ask(url, id, settings, signal);
  return new Uint8Array(await unlessAborted(id, signal, () => response.arrayBuffer()));
}

/** Try until it works, the pauses are used up, or the error is none that passes. */
export async function retrying<Answer>(
  attempt: () => Promise<Answer>,
  delaysMs: readonly number[],
  { signal, onRetry }: IFetchOptions
): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const delay = delaysMs[tries];
      if (
        !(error instanceof ArtifactError && error.fault === 'unavailable') ||
        delay === undefined
      ) {
        throw error;
      }
      signal?.throwIfAborted();
      onRetry?.(error, delay);
      signal?.throwIfAborted();
      await pause(delay, signal);
    }
  }
}

/** Resolves after a time; rejects at once when the signal says so. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
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

/** Whatever goes wrong on the way may work a moment later. */
async function unlessAborted<Answer>(
  id: StreamId,
  signal: AbortSignal | undefined,
  attempt: () => Promise<Answer>
): Promise<Answer> {
  try {
    return await attempt();
  } catch (error) {
    signal?.throwIfAborted();
    throw new ArtifactError('unavailable', id, String(error));
  }
}

/** A gateway in front of the server answers 502 as well, but only the server says why. */
function faultOf(status: number, body: Readonly<Record<string, unknown>>): Fault {
  switch (status) {
    case 404:
      return 'missing';
    case 401:
    case 403:
      return 'forbidden';
    case 502:
      return 'reason' in body ? 'corrupt' : 'unavailable';
    default:
      return 'unavailable';
  }
}

/** The fields of a JSON object; none of anything else. */
function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
