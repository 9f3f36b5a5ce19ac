/** What two outputs can be compared by: their text, their picture, or their table. */
import type { IExecuteResult, IOutput } from '@jupyterlab/nbformat';
import { OutputModel, type IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { JSONExt, type ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { IArtifactClient, IFetchOptions } from '../artifacts';
import { isImage } from '../image';
import { planFor, type IPlan } from '../plan';

/** What can be compared with another of its kind. */
export type ComparableKind = 'text' | 'image' | 'html';

/** A long text is one that no page ever loads whole. */
export type Kind = ComparableKind | 'long text' | 'other';

/** One output, before anything of it is fetched. */
export interface IComparable {
  readonly kind: Kind;
  /** What a person would call it: its type, or the stream's name. */
  readonly label: string;
  /** How much is to be fetched, in bytes. */
  readonly size: number;
  /** The text, the HTML, or the address of the picture. */
  load(client: IArtifactClient, options: IFetchOptions): Promise<string>;
}

const TEXT_TYPES = [
  'application/json',
  'application/vnd.jupyter.stdout',
  'application/vnd.jupyter.stderr',
  'application/vnd.jupyter.error',
  'text/plain',
  'text/markdown',
  'text/latex'
];
const SVG_TYPE = 'image/svg+xml';

/** What colours and moves text on a terminal. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** What is shown of an output, as it is in a document. */
export function comparableOf(
  output: IOutput,
  trusted: boolean,
  rendermime: IRenderMimeRegistry
): IComparable {
  const model = new OutputModel({ value: output, trusted });
  const plan = planFor(model, rendermime);
  const type =
    plan?.mimeType ?? rendermime.preferredMimeType(model.data, trusted ? 'any' : 'ensure') ?? '';
  const { data } = model;
  model.dispose();
  return {
    kind: plan && !plan.load ? 'long text' : kindOf(type),
    label: plan?.label ?? labelOf(output, type),
    size: plan?.size ?? 0,
    load: async (client, options) =>
      plan ? loadPlan(plan, client, options) : present(type, data[type])
  };
}

/** Whether two are of one kind that can be compared. */
export function areComparable(
  one: IComparable,
  other: IComparable
): one is IComparable & { readonly kind: ComparableKind } {
  return one.kind === other.kind && one.kind !== 'other' && one.kind !== 'long text';
}

/** Whether two outputs say the same; the number of the execution is not part of that. */
export function areEqual(before: IOutput | null, after: IOutput | null): boolean {
  if (!before || !after) {
    return false;
  }
  const { execution_count: _one, ...one } = before as IExecuteResult;
  const { execution_count: _other, ...other } = after as IExecuteResult;
  return JSONExt.deepEqual(one, other);
}

async function loadPlan(
  plan: IPlan,
  client: IArtifactClient,
  options: IFetchOptions
): Promise<string> {
  const [part] = plan.parts;
  if (part && isImage(plan.mimeType)) {
    return client.url(part.digest, plan.mimeType);
  }
  const data = (await plan.load?.(client, options)) ?? {};
  return present(plan.mimeType, data[plan.mimeType]);
}

/** A value of an output's data as what it is compared by. */
function present(type: string, value: ReadonlyPartialJSONValue | undefined): string {
  const text =
    typeof value === 'string'
      ? value
      : Array.isArray(value)
        ? value.join('')
        : JSON.stringify(value, null, 2);
  if (type === SVG_TYPE) {
    return `data:${SVG_TYPE},${encodeURIComponent(text)}`;
  }
  return isImage(type)
    ? `data:${type};base64,${text.replace(/\s/g, '')}`
    : text.replace(ESCAPES, '');
}

function kindOf(type: string): Kind {
  if (TEXT_TYPES.includes(type)) {
    return 'text';
  }
  return isImage(type) ? 'image' : type === 'text/html' ? 'html' : 'other';
}

function labelOf(output: IOutput, type: string): string {
  const { name, ename } = output;
  return typeof name === 'string' ? name : typeof ename === 'string' ? ename : type;
}
