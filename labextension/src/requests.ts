/** Questions to the server's endpoints: errors say what can be done about them, and those that pass are asked again. */
import { ServerConnection } from '@jupyterlab/services';

import { ArtifactError, type Fault, type IFetchOptions } from './artifacts';
import type { StreamId } from './reference';

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
  init: RequestInit
): Promise<Response> {
  const { signal } = init;
  // A request's own headers would take the place of those that all requests are to have.
  const headers = new settings.Headers(settings.init.headers);
  new settings.Headers(init.headers).forEach((value, name) => {
    headers.set(name, value);
  });
  const response = await unlessAborted(id, signal, () =>
    // The default cache mode of makeRequest adds a time stamp, and an artifact would be fetched every time.
    ServerConnection.makeRequest(url, { cache: 'default', ...init, headers }, settings)
  );
  if (!response.ok) {
    const body = parse(await unlessAborted(id, signal, () => response.text()));
    const told = typeof body.message === 'string' ? body.message : response.statusText;
    if (response.status === 400) {
      throw new Error(told);
    }
    throw new ArtifactError(faultOf(response.status, body), id, told);
  }
  return response;
}

/** The bytes of an answer, the first of them when there are more than *most*: the rest need not come. */
export function readBytes(
  response: Response,
  id: StreamId,
  signal: AbortSignal | null | undefined,
  most: number
): Promise<Uint8Array> {
  // An answer with a range has no rest, and one that is read to its end may be kept by the browser.
  const isAll = most === Infinity || response.status === 206;
  return unlessAborted(id, signal, async () =>
    isAll ? new Uint8Array(await response.arrayBuffer()) : await readFirst(response, most)
  );
}

async function readFirst(response: Response, most: number): Promise<Uint8Array> {
  const first = new Uint8Array(most);
  const reader = response.body?.getReader();
  let size = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const piece = part.value.subarray(0, most - size);
    first.set(piece, size);
    size += piece.byteLength;
    if (size === most) {
      break;
    }
  }
  await reader?.cancel().catch(() => undefined);
  return first.subarray(0, size);
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
  signal: AbortSignal | null | undefined,
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
    case 410:
      return 'removed';
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
