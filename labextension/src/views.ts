/** The widgets that show an output: JupyterLab's own, wherever it has one. */
import { OutputArea } from '@jupyterlab/outputarea';

import type { IFetchOptions } from './artifacts';
import { delegate, type IView, type IViewContext } from './delegate';
import { ImageView, isImage, loadImage } from './image';
import { LogViewer } from './log_viewer';
import type { IPlan } from './plan';
import type { ILongStreamReference, IPart } from './reference';

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
