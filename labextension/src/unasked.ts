/** What is shown of an output that is too large to be shown without being asked for. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import type { IFetchOptions } from './artifacts';
import type { IView, IViewContext } from './delegate';
import { endsInStyles, excerptOfPage, excerptOfTable, excerptOfText } from './excerpt';
import type { IPlan } from './plan';
import { excerptView, textView } from './preview';
import type { ISettings } from './settings';

const HTML_TYPE = 'text/html';
const JSON_TYPE = 'application/json';

/** So much is fetched to show some of it. */
const BEGINNING_BYTES = 128 * 1024;

/** The same when the styles of a table alone are longer. */
const STYLED_BYTES = 1024 * 1024;

/** What Python calls an object that has no better name, which tells a reader nothing. */
const BARE_NAME = /^<[\w.]+( object)?( at 0x\w+)?>$/;

/** A part of an output, and what it is. */
export interface IExcerpt {
  readonly view: IView;
  /** The rows of a table that are shown; 0 when it is no table. */
  readonly rows: number;
}

/** Whether this is more than a user wants to wait for without having been asked. */
export function isTooLarge(plan: IPlan, settings: ISettings, mimes: IRenderMimeRegistry): boolean {
  // Other types may be JSON, too, but what has a renderer of its own is drawn and not written out.
  const isText = isWrittenOut(plan, mimes);
  const limit = isText ? settings.largestJson : settings.largestUnasked;
  return plan.reference.kind !== 'long-stream' && plan.size > limit;
}

/** Whether this is too large if it should be a table, which its beginning will tell. */
export function isTooLargeForATable(plan: IPlan, settings: ISettings): boolean {
  return plan.mimeType === HTML_TYPE && plan.size > settings.largestTable;
}

function isWrittenOut({ mimeType }: IPlan, mimes: IRenderMimeRegistry): boolean {
  const factory = mimes.getFactory(mimeType);
  return mimeType === JSON_TYPE || (!!factory && factory === mimes.getFactory(JSON_TYPE));
}

/**
 * What can be shown of a large output for little, or null when the text beside it is as good, or when *onlyRows* of a
 * table will do and there are none.
 *
 * @throws `ArtifactError`
 */
export async function excerptOf(
  plan: IPlan,
  context: IViewContext,
  options: IFetchOptions,
  onlyRows: boolean
): Promise<IExcerpt | null> {
  const [part] = plan.parts;
  const isHtml = plan.mimeType === HTML_TYPE;
  const hasText = saysSomething(plan, context.text);
  if (!part || (!isHtml && (hasText || !isWrittenOut(plan, context.rendermime)))) {
    return null;
  }
  const read = async (count: number): Promise<string> =>
    decode(await context.client.beginning(part, plan.mimeType, count, options));
  let beginning = await read(BEGINNING_BYTES);
  if (isHtml && endsInStyles(beginning)) {
    beginning = await read(STYLED_BYTES);
  }
  const table = isHtml ? excerptOfTable(beginning) : null;
  if (table) {
    return { view: excerptView(plan, table.html, context), rows: table.rows };
  }
  if (onlyRows) {
    return null;
  }
  const text = hasText ? '' : isHtml ? excerptOfPage(beginning) : excerptOfText(beginning);
  return text === '' ? null : { view: textView(text, context), rows: 0 };
}

/** The last character may be there in part, and is left out then. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}

/** Whether the text beside a reference is the output's own, and more than a name. */
function saysSomething({ reference }: IPlan, text: string): boolean {
  const isOurs = reference.kind === 'bundle' && reference.preview;
  return !isOurs && text.trim() !== '' && !BARE_NAME.test(text.trim());
}
