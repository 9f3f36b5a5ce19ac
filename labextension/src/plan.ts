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
  type ILongStreamReference,
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
  /** The size of what is shown, in bytes; 0 when nothing of it is stored, or nobody knows yet. */
  readonly size: number;
  /** By what the user's wish to see it is remembered. */
  readonly key: Digest | null;
  /** The original output's metadata. */
  readonly metadata: ReadonlyPartialJSONObject;
  /** The type that the text beside the reference is shown as meanwhile. */
  readonly previewType: string;
  /** The output's data, the type that is shown among it. A long stream is never loaded whole. */
  load?(client: IArtifactClient, options: IFetchOptions): Promise<ReadonlyPartialJSONObject>;
}

/** A plan, or null when there is no reference that this version can read. */
export function planFor(
  model: IRenderMime.IMimeModel,
  rendermime: IRenderMimeRegistry
): IPlan | null {
  const reference = parseReference(model.data[REFERENCE_MIME_TYPE]);
  switch (reference?.kind) {
    case undefined:
      return null;
    case 'bundle':
      return planBundle(reference, model, rendermime);
    case 'stream':
      return planStream(reference);
    case 'long-stream':
      return planLongStream(reference);
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

function planStream(reference: IStreamReference): IPlan {
  const { name, segments } = reference;
  return {
    ...commonPlan(name),
    reference,
    parts: segments,
    size: segments.reduce((size, segment) => size + segment.size, 0),
    key: segments[0]?.digest ?? null,
    load: (client, options) => loadStream(client, name, segments, options)
  };
}

function planLongStream(reference: ILongStreamReference): IPlan {
  const { name, size } = reference;
  return { ...commonPlan(name), reference, parts: [], size: size ?? 0, key: null };
}

/** What plans for streams of one name have in common. */
function commonPlan(name: string): Pick<IPlan, 'mimeType' | 'label' | 'metadata' | 'previewType'> {
  const mimeType = name === 'stderr' ? STDERR_TYPE : STDOUT_TYPE;
  return { mimeType, label: name, metadata: {}, previewType: mimeType };
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
    size: reference.part.size,
    key: reference.part.digest,
    metadata: {},
    previewType: STDERR_TYPE,
    load: (client, options) => loadError(client, reference, options)
  };
}
