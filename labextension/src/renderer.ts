/** The renderer of outputs that hold a reference. */
import { MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';

import { Badge } from './badge';
import { FRAME_CLASS, OutputFrame } from './frame';
import { placeOf, type Handover, type IPlace } from './handover';
import { LogViewer } from './log_viewer';
import { planFor, type IPlan } from './plan';
import { REFERENCE_MIME_TYPE } from './reference';
import { Showing, type IShowingContext } from './showing';

/** What all stored outputs of one notebook have in common. */
export interface IOutputContext extends Omit<
  IShowingContext,
  'rendererOptions' | 'trusted' | 'text' | 'download'
> {
  /** Viewers whose output was replaced. */
  readonly handover: Handover<LogViewer>;
  /** Hands the output to the user as a file. */
  readonly download: (output: StoredOutput) => void;
}

/**
 * Shows the output that a reference stands for, with the renderer that JupyterLab has for it, as soon as it comes near
 * the visible part of the page. Nothing is ever written back to the document.
 */
export class StoredOutput extends OutputFrame implements IRenderMime.IRenderer {
  constructor(options: IRenderMime.IRendererOptions, context: IOutputContext) {
    super();
    this._options = options;
    this._context = context;
    this.node.dataset.mimeType = REFERENCE_MIME_TYPE;
    outputs.set(this.node, this);
    context.settings.changed.connect(this._showBadge);
  }

  /** The stored output that an element belongs to. */
  static at(element: Element | null): StoredOutput | null {
    const node = element?.closest(`.${FRAME_CLASS}`);
    return (node && outputs.get(node)) ?? null;
  }

  /** What is to be shown, or null when there is no reference that could be read. */
  get plan(): IPlan | null {
    return this._plan;
  }

  /** Resolves at once and never rejects: what goes wrong is said in the output's own place. */
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { data, metadata, trusted } = model;
    const given = { data, metadata, trusted };
    if (!this._given || !JSONExt.deepEqual(this._given, given)) {
      this._given = given;
      this._restart();
    }
    return Promise.resolve();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._stop();
      this._context.settings.changed.disconnect(this._showBadge);
      if (this._place && this.main instanceof LogViewer) {
        this._context.handover.leave(this._place, this.takeMain() as LogViewer);
      }
      super.dispose();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    const place = (this._place = placeOf(this.node));
    const reference = this._plan?.reference;
    if (place && reference?.kind === 'long-stream' && !(this.main instanceof LogViewer)) {
      this._goOn(this._context.handover.take(place, viewer => viewer.isOf(reference)));
    }
  }

  private _restart(): void {
    this._stop();
    this.setNotice(null);
    const model = new MimeModel(this._given ?? {});
    const { data, trusted } = model;
    try {
      this._plan = planFor(model, this._context.rendermime);
      this._showing = new Showing(this, this._plan, {
        ...this._context,
        rendererOptions: this._options,
        trusted,
        text: textOf(data['text/plain']),
        download: this._download
      });
      this._showBadge();
      this._begin();
    } catch (error) {
      this._showing?.fail(error);
    }
  }

  private _begin(): void {
    const { _plan: plan, _showing: showing } = this;
    if (this.main instanceof LogViewer && this._goOn(this.main)) {
      return;
    }
    showing?.preview();
    const { client, settings, visibility } = this._context;
    const isLong = plan?.reference.kind === 'long-stream';
    if (plan && !isLong && plan.parts.every(part => client.atHand(part))) {
      showing?.start();
    } else if (plan) {
      this._waiting = visibility.whenNear(this.node, settings.current.prefetchMargin, () => {
        showing?.start();
      });
    }
  }

  /** Let the viewer that has shown this very stream so far show it further, if there is one. */
  private _goOn(viewer: LogViewer | null): boolean {
    const reference = this._plan?.reference;
    if (reference?.kind !== 'long-stream' || !viewer?.isOf(reference)) {
      return false;
    }
    this._stop();
    if (viewer !== this.main) {
      this._showing?.show({ widget: viewer, rendered: Promise.resolve() });
    }
    this.setState('shown');
    viewer.continueAs(reference);
    return true;
  }

  private _stop(): void {
    this._showing?.stop();
    this._waiting?.dispose();
  }

  private readonly _showBadge = (): void => {
    const { settings, trans } = this._context;
    const isWanted = settings.current.badge && this._plan !== null && this._plan.parts.length > 0;
    const what = this._showing?.what ?? '';
    this.setBadge(isWanted ? new Badge(what, this._download, trans) : null);
  };

  private readonly _download = (): void => {
    this._context.download(this);
  };

  private readonly _options: IRenderMime.IRendererOptions;
  private readonly _context: IOutputContext;
  private _given: Given | null = null;
  private _plan: IPlan | null = null;
  private _showing: Showing | null = null;
  private _waiting: IDisposable | null = null;
  private _place: IPlace | null = null;
}

/** What there is to render. */
type Given = Pick<IRenderMime.IMimeModel, 'data' | 'metadata' | 'trusted'>;

const outputs = new WeakMap<Element, StoredOutput>();

/** Notebooks may hold text as a list of lines. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
}
