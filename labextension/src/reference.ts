/**
 * The reference: what stands in the document in the place of bulk.
 *
 * Anything at all may be in a document, so {@link parseReference} is the one way in: what it lets through can be
 * trusted in shape, and a {@link Digest} may become part of a URL.
 */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** The MIME type under which an output holds its reference. */
export const REFERENCE_MIME_TYPE = 'application/vnd.jupyter-crdt-outputs.ref.v1+json';

/** A SHA-256 that is known to be 64 lower-case hexadecimal digits; made by {@link parseDigest} only. */
export type Digest = string & { readonly __digest: true };

/**
 * What the server knows a long stream by: the digest of its index, or the 32 digits of the log that it is still written
 * to. Made by {@link parseReference} only.
 */
export type StreamId = Digest | (string & { readonly __log: true });

const ENCODINGS = ['base64', 'base64-lf', 'base64-mime', 'utf-8', 'json'] as const;

/** How an artifact's bytes are spelled in a notebook. */
export type Encoding = (typeof ENCODINGS)[number];

/** One artifact. `size` is in bytes; `width` and `height`, in pixels, are there together or not at all. */
export interface IPart {
  readonly digest: Digest;
  readonly size: number;
  readonly encoding: Encoding;
  readonly width?: number;
  readonly height?: number;
}

/** Stands for a display_data or execute_result whose other types are inline beside it. */
export interface IBundleReference {
  readonly kind: 'bundle';
  readonly parts: ReadonlyMap<string, IPart>;
  readonly metadata: ReadonlyPartialJSONObject;
  /** Whether the text/plain beside the reference is no part of the original output. */
  readonly preview: boolean;
}

/** Stands for a stream output, whose text is that of its segments one after another. */
export interface IStreamReference {
  readonly kind: 'stream';
  readonly name: string;
  readonly segments: readonly IPart[];
}

/** Stands for a stream output that is too long to be shown whole, or may become so. */
export interface ILongStreamReference {
  readonly kind: 'long-stream';
  readonly name: string;
  readonly id: StreamId;
  /** In bytes; null when it is still being written. */
  readonly size: number | null;
}

/** Stands for an error output, which is the JSON that the part holds. */
export interface IErrorReference {
  readonly kind: 'error';
  readonly ename: string;
  readonly evalue: string;
  readonly part: IPart;
}

export type Reference =
  IBundleReference | IStreamReference | ILongStreamReference | IErrorReference;

/** A well-formed digest, or null for everything else. */
export function parseDigest(value: unknown): Digest | null {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? (value as Digest) : null;
}

/** A frozen reference, or null for what this version cannot read: its text/plain is shown then. */
export function parseReference(value: unknown): Reference | null {
  const kind = field(value, 'kind');
  switch (kind) {
    case 'bundle':
      return parseBundle(value);
    case 'stream':
      return parseStream(value);
    case 'error':
      return parseError(value);
    default:
      return null;
  }
}

function parseBundle(value: unknown): IBundleReference | null {
  const given = field(value, 'parts');
  const metadata = field(value, 'metadata') ?? {};
  if (!isObject(given) || !isObject(metadata)) {
    return null;
  }
  const parts = new Map<string, IPart>();
  for (const [mimeType, item] of Object.entries(given)) {
    const part = parsePart(item);
    if (part === null) {
      return null;
    }
    parts.set(mimeType, part);
  }
  if (parts.size === 0) {
    return null;
  }
  return Object.freeze({
    kind: 'bundle',
    parts,
    metadata: metadata as ReadonlyPartialJSONObject,
    preview: field(value, 'preview') === true
  });
}

function parseStream(value: unknown): IStreamReference | ILongStreamReference | null {
  const name = field(value, 'name');
  if (typeof name !== 'string') {
    return null;
  }
  const log = field(value, 'log');
  if (log !== undefined) {
    const id = typeof log === 'string' && /^[0-9a-f]{32}$/.test(log) ? (log as StreamId) : null;
    return id && Object.freeze({ kind: 'long-stream', name, id, size: null });
  }
  const index = field(value, 'index');
  if (index !== undefined) {
    const id = parsePart(index)?.digest;
    const size = field(value, 'size');
    return id && isCount(size) ? Object.freeze({ kind: 'long-stream', name, id, size }) : null;
  }
  const given = field(value, 'segments');
  const segments = Array.isArray(given) ? given.map(parsePart) : [null];
  return segments.every(part => part !== null)
    ? Object.freeze({ kind: 'stream', name, segments: Object.freeze(segments) })
    : null;
}

function parseError(value: unknown): IErrorReference | null {
  const ename = field(value, 'ename');
  const evalue = field(value, 'evalue');
  const part = parsePart(field(value, 'part'));
  return typeof ename === 'string' && typeof evalue === 'string' && part !== null
    ? Object.freeze({ kind: 'error', ename, evalue, part })
    : null;
}

function parsePart(value: unknown): IPart | null {
  const digest = parseDigest(field(value, 'sha256'));
  const size = field(value, 'size');
  const encoding = ENCODINGS.find(known => known === field(value, 'encoding'));
  if (digest === null || !isCount(size) || encoding === undefined) {
    return null;
  }
  const [width, height] = [field(value, 'width'), field(value, 'height')];
  if (width == null || height == null) {
    return Object.freeze({ digest, size, encoding });
  }
  return isCount(width) && isCount(height)
    ? Object.freeze({ digest, size, encoding, width, height })
    : null;
}

/** An own field only: what every object inherits is not what a document says. */
function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Shared documents hold every number as a float; JavaScript sees no difference in an integral one. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
