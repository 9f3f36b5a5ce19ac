/** JupyterLab's own renderers, which show whatever they can. */
import { MimeModel, type IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { IArtifactClient } from './artifacts';
import { IsolatedView } from './isolated';
import type { ILogViewerOptions } from './log_viewer';

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

/** JupyterLab's renderer of the type, with a model of its own: what it writes there never comes to the document. */
export function delegate(
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
