/** The widgets that show an output: JupyterLab's own, wherever it has one. */
import { OutputArea } from '@jupyterlab/outputarea';
import { MimeModel, type IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import type { IArtifactClient, IFetchOptions } from './artifacts';
import { ImageView, isImage, loadImage, reservedBox, type IBox } from './image';
import { IsolatedView } from './isolated';
import { LogViewer, type ILogViewerOptions } from './log_viewer';
import type { IPlan } from './plan';
import type { ILongStreamReference, IPart } from './reference';

/** The style sheet lets it be seen only when the output is long in coming. */
const PREVIEW_CLASS = 'jp-CrdtOutput-preview';

/** What views are made with. */
export interface IViewContext extends Pick<
  ILogViewerOptions,
  'streams' | 'visibility' | 'preferences' | 'trans' | 'locale'
> {
  /** Where renderers are found, at the time of need: a notebook's widget managers register late. */
  readonly rendermime: IRenderMimeRegistry;
  readonly client: IArtifactClient;
  /** What the notebook hands to its renderers. */
  readonly rendererOptions: IRenderMime.IRendererOptions;
  readonly trusted: boolean;
  /** The text beside the reference. */
  readonly text: string;
}

/** A widget and when it is done with drawing. */
export interface IView {
  readonly widget: Widget;
  readonly rendered: Promise<void>;
}

/** What is seen before the output is there: the text beside it, in a box of the output's size when that is known. */
export function previewOf(plan: IPlan | null, context: IViewContext): IView {
  const [part] = plan?.parts ?? [];
  const box =
    plan && part && isImage(plan.mimeType) && reservedBox(part, plan.mimeType, plan.metadata);
  if (box) {
    return { widget: new ReservedView(box, context.text), rendered: Promise.resolve() };
  }
  const type = plan?.previewType ?? 'text/plain';
  const view = delegate(type, { [type]: context.text }, {}, context);
  view.widget.addClass(PREVIEW_CLASS);
  return view;
}

/** A part of the output's HTML, shown as all of it would be. */
export function excerptView(plan: IPlan, html: string, context: IViewContext): IView {
  const { mimeType, metadata } = plan;
  const isolated = OutputArea.isIsolated(mimeType, metadata);
  return delegate(mimeType, { [mimeType]: html }, metadata, context, isolated);
}

/** A part of what the output says. */
export function textView(text: string, context: IViewContext): IView {
  return delegate('text/plain', { 'text/plain': text }, {}, context);
}

/**
 * What shows the output, once its artifacts are there.
 *
 * @throws `ArtifactError`
 */
export async function viewOf(
  plan: IPlan,
  context: IViewContext,
  options: IFetchOptions & { signal: AbortSignal }
): Promise<IView> {
  if (plan.reference.kind === 'long-stream') {
    return logViewOf(plan.reference, plan.mimeType, context, options);
  }
  const isolated = OutputArea.isIsolated(plan.mimeType, plan.metadata);
  const [part] = plan.parts;
  const byUrl = part !== undefined && isImage(plan.mimeType) && !isolated;
  const image = byUrl ? await imageOf(plan, part, context, options.signal) : null;
  if (image) {
    return image;
  }
  // When an image did not load, the browser does not say why. Fetching it does, and helps where images are sent
  // without credentials.
  const data = (await plan.load?.(context.client, options)) ?? {};
  options.signal.throwIfAborted();
  return delegate(plan.mimeType, data, plan.metadata, context, isolated);
}

async function logViewOf(
  reference: ILongStreamReference,
  mimeType: string,
  context: IViewContext,
  options: IFetchOptions & { signal: AbortSignal }
): Promise<IView> {
  const { sanitizer } = context.rendererOptions;
  const widget = new LogViewer(reference, { ...context, mimeType, sanitizer });
  try {
    await widget.load(options);
    options.signal.throwIfAborted();
  } catch (error) {
    widget.dispose();
    throw error;
  }
  return { widget, rendered: Promise.resolve() };
}

async function imageOf(
  plan: IPlan,
  part: IPart,
  context: IViewContext,
  signal: AbortSignal
): Promise<IView | null> {
  const { mimeType, metadata } = plan;
  try {
    const image = await loadImage(context.client.url(part.digest, mimeType), signal);
    const alternative = context.text.slice(0, 200) || context.trans.__('Image output');
    const { trusted } = context;
    const widget = new ImageView({ image, mimeType, metadata, trusted, alternative });
    return { widget, rendered: Promise.resolve() };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** JupyterLab's renderer of the type, with a model of its own: what it writes there never comes to the document. */
function delegate(
  mimeType: string,
  data: ReadonlyPartialJSONObject,
  metadata: ReadonlyPartialJSONObject,
  context: IViewContext,
  isolated = false
): IView {
  const factory = context.rendermime.getFactory(mimeType);
  if (!factory) {
    throw new Error(context.trans.__('nothing here shows the type %1', mimeType));
  }
  const renderer = factory.createRenderer({ ...context.rendererOptions, mimeType });
  const widget = isolated ? new IsolatedView(renderer, mimeType) : renderer;
  const model = new MimeModel({ data, metadata, trusted: context.trusted });
  return { widget, rendered: widget.renderModel(model) };
}

/** Laid out as an image of that size would be. */
class ReservedView extends Widget {
  constructor({ width, height }: IBox, text: string) {
    super();
    this.addClass('jp-CrdtOutput-reserved');
    const box = document.createElement('span');
    box.style.width = `${width}px`;
    box.style.aspectRatio = `${width} / ${height}`;
    const preview = document.createElement('pre');
    preview.className = PREVIEW_CLASS;
    preview.textContent = text;
    box.append(preview);
    this.node.append(box);
  }
}
