/** From artifacts back to what a kernel had sent. */
import type { IError } from '@jupyterlab/nbformat';
import { OutputAreaModel } from '@jupyterlab/outputarea';
import { OutputModel } from '@jupyterlab/rendermime';
import type { PartialJSONValue, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IArtifactClient, IFetchOptions } from './artifacts';
import type { IErrorReference, IPart } from './reference';

/** So many segments of a stream are asked for at once: a kernel's requests share the browser's connections. */
const SEGMENTS_AT_ONCE = 3;

/** The value that the part has in the output's data. */
export async function loadPart(
  client: IArtifactClient,
  part: IPart,
  mimeType: string,
  options: IFetchOptions
): Promise<PartialJSONValue> {
  const bytes = await client.bytes(part, mimeType, options);
  switch (part.encoding) {
    case 'utf-8':
      return decode(bytes);
    case 'json':
      return JSON.parse(decode(bytes)) as PartialJSONValue;
    case 'base64':
    case 'base64-lf':
    case 'base64-mime':
      return toBase64(bytes);
  }
}

/** The data that JupyterLab makes of such a stream output, carriage returns and backspaces obeyed. */
export async function loadStream(
  client: IArtifactClient,
  name: string,
  segments: readonly IPart[],
  options: IFetchOptions
): Promise<ReadonlyPartialJSONObject> {
  const text = settle(decode(await loadSegments(client, segments, options)));
  return new OutputModel({ value: { output_type: 'stream', name, text } }).data;
}

/** The text as JupyterLab shows it: carriage returns and backspaces obeyed. */
export function settle(text: string): string {
  if (!/[\r\b]/.test(text)) {
    return text;
  }
  const model = new OutputAreaModel({ values: [{ output_type: 'stream', name: 'stdout', text }] });
  const settled = model.get(0).data['application/vnd.jupyter.stdout'];
  model.dispose();
  return settled as string;
}

/** The data that JupyterLab makes of such an error output. */
export async function loadError(
  client: IArtifactClient,
  reference: IErrorReference,
  options: IFetchOptions
): Promise<ReadonlyPartialJSONObject> {
  const value = await loadPart(client, reference.part, 'application/json', options);
  return new OutputModel({ value: checkedError(value, reference) }).data;
}

/** The bytes of segments, one after another. */
export async function loadSegments(
  client: IArtifactClient,
  segments: readonly IPart[],
  options: IFetchOptions
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const queue = segments.entries();
  // The workers draw from one iterator, so that each segment has one taker.
  const worker = async (): Promise<void> => {
    for (const [index, segment] of queue) {
      pieces[index] = await client.bytes(segment, 'text/plain', options);
    }
  };
  await Promise.all(Array.from({ length: SEGMENTS_AT_ONCE }, worker));
  return concatenate(pieces);
}

/** What the store holds was checked by its digest, but not what somebody put behind that digest. */
function checkedError(value: unknown, reference: IErrorReference): IError {
  const { ename, evalue } = reference;
  const given = (value ?? {}) as Partial<Record<keyof IError, unknown>>;
  const lines = Array.isArray(given.traceback) ? given.traceback : [];
  return {
    output_type: 'error',
    ename: typeof given.ename === 'string' ? given.ename : ename,
    evalue: typeof given.evalue === 'string' ? given.evalue : evalue,
    traceback: lines.filter(line => typeof line === 'string')
  };
}

/** A byte order mark is part of the text, too. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}

function toBase64(bytes: Uint8Array): string {
  // A call takes only so many arguments; a multiple of 3 keeps the padding at the end.
  const step = 3 * 8192;
  let text = '';
  for (let start = 0; start < bytes.length; start += step) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + step)));
  }
  return text;
}
