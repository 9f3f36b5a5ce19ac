/** What to show of an output that holds a reference. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IArtifactClient, IFetchOptions } from './artifacts';
import { loadError, loadPart, loadStream } from './content';
import {
  parseReference,
  REFERENCE_MIME_TYPE,
  type Digest,
  type IBundleReference,
  type IErrorReference,
  type IPart,
  type IStreamReference,
  type Reference
} from './reference';

const TEXT_TYPE = 'text/plain';
const STDOUT_TYPE = 'application/vnd.jupyter.stdout';
const STDERR_TYPE = 'application/vnd.jupyter.stderr';
const ERROR_TYPE = 'application/vnd.jupyter.error';

/** What to show, and what that takes. */
export interface IPlan {
  readonly reference: Reference;
  /** The type that is shown. */
  readonly mimeType: string;
  /** What a person would call that: the type, the stream's name or the exception's. */
  readonly label: string;
  /** What must be fetched first; nothing when an inline type is shown. */
  readonly parts: readonly IPart[];
  /** Whether the parts are only the end of the output. */
  readonly excerpt: boolean;
  /** The size of all that is stored of what is shown, in bytes. */
  readonly size: number;
  /** By what an output is known again when it has grown. */
  readonly key: Digest | null;
  /** The original output's metadata. */
  readonly metadata: ReadonlyPartialJSONObject;
  /** The type that the text beside the reference is shown as meanwhile. */
  readonly previewType: string;
  /** The output's data, the type that is shown among it. */
  load(client: IArtifactClient, options: IFetchOptions): Promise<ReadonlyPartialJSONObject>;
}

/**
 * How much is shown of a stream that is still being written. Each time some more of it is stored, all that is shown is
 * drawn again.
 */
const EXCERPT_BYTES = 256 * 1024;

/**
 * A plan, or null when there is no reference that this version can read.
 *
 * @param asked What the user has asked to see all of, by {@link IPlan.key}.
 */
export function planFor(
  model: IRenderMime.IMimeModel,
  rendermime: IRenderMimeRegistry,
  asked: ReadonlySet<Digest>
): IPlan | null {
  const reference = parseReference(model.data[REFERENCE_MIME_TYPE]);
  switch (reference?.kind) {
    case undefined:
      return null;
    case 'bundle':
      return planBundle(reference, model, rendermime);
    case 'stream':
      return planStream(reference, asked);
    case 'error':
      return planError(reference, model.trusted, rendermime);
  }
}

/** The type among an output's data that JupyterLab would show. */
function preferredType(
  data: ReadonlyPartialJSONObject,
  trusted: boolean,
  rendermime: IRenderMimeRegistry
): string | undefined {
  return rendermime.preferredMimeType(data, trusted ? 'any' : 'ensure');
}

function planBundle(
  reference: IBundleReference,
  model: IRenderMime.IMimeModel,
  rendermime: IRenderMimeRegistry
): IPlan {
  const { [REFERENCE_MIME_TYPE]: _reference, ...inline } = model.data;
  const stored = Object.fromEntries([...reference.parts.keys()].map(type => [type, null]));
  // The text beside the reference may be no part of the output, and is the last choice anyway.
  const { [TEXT_TYPE]: _text, [REFERENCE_MIME_TYPE]: _self, ...choices } = { ...inline, ...stored };
  const mimeType = preferredType(choices, model.trusted, rendermime) ?? TEXT_TYPE;
  const part = reference.parts.get(mimeType);
  return {
    reference,
    mimeType,
    label: mimeType,
    parts: part ? [part] : [],
    excerpt: false,
    size: part?.size ?? 0,
    key: part?.digest ?? null,
    metadata: reference.metadata,
    previewType: TEXT_TYPE,
    load: async (client, options) => ({
      [TEXT_TYPE]: '',
      ...inline,
      ...(part && { [mimeType]: await loadPart(client, part, mimeType, options) })
    })
  };
}

function planStream(reference: IStreamReference, asked: ReadonlySet<Digest>): IPlan {
  const { name, segments, continues } = reference;
  const key = segments[0]?.digest ?? null;
  const parts = continues && key && !asked.has(key) ? endOf(segments) : segments;
  const mimeType = name === 'stderr' ? STDERR_TYPE : STDOUT_TYPE;
  return {
    reference,
    mimeType,
    label: name,
    parts,
    excerpt: parts.length < segments.length,
    size: segments.reduce((size, segment) => size + segment.size, 0),
    key,
    metadata: {},
    previewType: mimeType,
    load: (client, options) => loadStream(client, name, parts, options)
  };
}

/** The last segments, as many as there is room for, and one at least. */
function endOf(segments: readonly IPart[]): readonly IPart[] {
  let start = segments.length - 1;
  let size = segments[start]?.size ?? 0;
  for (let next = segments[start - 1]; next; next = segments[start - 1]) {
    size += next.size;
    if (size > EXCERPT_BYTES) {
      break;
    }
    start--;
  }
  return segments.slice(start);
}

function planError(
  reference: IErrorReference,
  trusted: boolean,
  rendermime: IRenderMimeRegistry
): IPlan {
  const types = { [ERROR_TYPE]: null, [STDERR_TYPE]: null };
  return {
    reference,
    mimeType: preferredType(types, trusted, rendermime) ?? STDERR_TYPE,
    label: reference.ename,
    parts: [reference.part],
    excerpt: false,
    size: reference.part.size,
    key: reference.part.digest,
    metadata: {},
    previewType: STDERR_TYPE,
    load: (client, options) => loadError(client, reference, options)
  };
}
