/** What is seen of an output before all of it is there, or in its place. */
import { OutputArea } from '@jupyterlab/outputarea';
import { Widget } from '@lumino/widgets';

import { delegate, type IView, type IViewContext } from './delegate';
import { isImage, reservedBox, type IBox } from './image';
import type { IPlan } from './plan';

/** The style sheet lets it be seen only when the output is long in coming. */
const PREVIEW_CLASS = 'jp-CrdtOutput-preview';

/** The text beside it, in a box of the output's size when that is known. */
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

/** Laid out as an image of that size would be. */
class ReservedView extends Widget {
  constructor({ width, height }: IBox, text: string) {
    super();
    this.addClass('jp-CrdtOutput-reserved');
    const box = document.createElement('span');
    box.style.setProperty('--jp-crdt-width', `${width}px`);
    box.style.setProperty('--jp-crdt-ratio', `${width} / ${height}`);
    const preview = document.createElement('pre');
    preview.className = PREVIEW_CLASS;
    preview.textContent = text;
    box.append(preview);
    this.node.append(box);
  }
}
