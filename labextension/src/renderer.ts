/** The renderer of outputs that hold a reference. */
import { MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';

import { Badge } from './badge';
import { formatSize } from './format';
import { FRAME_CLASS, OutputFrame } from './frame';
import { placeOf, type Handover, type IPlace } from './handover';
import { LogViewer } from './log_viewer';
import { faultNotice, largeNotice } from './notice';
import { planFor, type IPlan } from './plan';
import { REFERENCE_MIME_TYPE, type Digest } from './reference';
import type { Settings } from './settings';
import { previewOf, viewOf, type IView, type IViewContext } from './views';

/** What all stored outputs of one notebook have in common. */
export interface IOutputContext extends Pick<
  IViewContext,
  'rendermime' | 'client' | 'streams' | 'visibility' | 'preferences' | 'trans' | 'locale'
> {
  readonly settings: Settings;
  /** Outputs that the user asked to see all of, by {@link IPlan.key}. */
  readonly asked: Set<Digest>;
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

  /** The image that is shown, if one is. */
  get image(): HTMLImageElement | null {
    return this.main?.node.querySelector(':scope > img') ?? null;
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
    try {
      this._prepare(new MimeModel(this._given ?? {}));
    } catch (error) {
      this._showFault(error);
    }
  }

  private _prepare(model: IRenderMime.IMimeModel): void {
    const { client, rendermime, settings, visibility } = this._context;
    const plan = (this._plan = planFor(model, rendermime));
    this._view = {
      ...this._context,
      rendererOptions: this._options,
      trusted: model.trusted,
      text: textOf(model.data['text/plain'])
    };
    this._showBadge();
    if (this.main instanceof LogViewer && this._goOn(this.main)) {
      return;
    }
    this._show(previewOf(plan, this._view));
    this.setState(plan ? 'waiting' : 'text');
    const isLong = plan?.reference.kind === 'long-stream';
    if (plan && !isLong && plan.parts.every(part => client.atHand(part))) {
      this._start();
    } else if (plan) {
      this._waiting = visibility.whenNear(this.node, settings.current.prefetchMargin, () => {
        this._start();
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
      this._show({ widget: viewer, rendered: Promise.resolve() });
    }
    this.setState('shown');
    viewer.continueAs(reference);
    return true;
  }

  /** Fetch and show the output; a very large one only when it was asked for. */
  private _start(): void {
    this._stop();
    const { _plan: plan, _view: context } = this;
    if (!plan || !context || this._holdBack(plan)) {
      return;
    }
    const { signal } = (this._attempt = new AbortController());
    const onRetry = (error: Error, delayMs: number): void => {
      this._showFault(error, delayMs);
    };
    this.setNotice(null);
    this.setState('loading');
    viewOf(plan, context, { signal, onRetry })
      .then(view => {
        if (signal.aborted) {
          view.widget.dispose();
          return;
        }
        this.setNotice(null);
        this.setState('shown');
        this._show(view);
      })
      .catch((error: unknown) => {
        if (!signal.aborted) {
          this._showFault(error);
        }
      });
  }

  private _stop(): void {
    this._attempt?.abort();
    this._waiting?.dispose();
  }

  private _show(view: IView): void {
    this.holdHeight(view.rendered);
    this.setMain(view.widget);
    this.node.toggleAttribute('data-has-image', this.image !== null);
    view.rendered.catch((error: unknown) => {
      if (view.widget === this.main) {
        this._showFault(error);
      }
    });
  }

  private _holdBack(plan: IPlan): boolean {
    const { asked, settings, trans, download } = this._context;
    const { largestUnasked, longestUnasked } = settings.current;
    const limit = plan.reference.kind === 'stream' ? longestUnasked : largestUnasked;
    const isLong = plan.reference.kind === 'long-stream';
    if (isLong || plan.size <= limit || (plan.key && asked.has(plan.key))) {
      return false;
    }
    const save = (): void => {
      download(this);
    };
    this.setState('held');
    this.setNotice(largeNotice(this._what, this._showAll, save, trans));
    return true;
  }

  private readonly _showAll = (): void => {
    if (this._plan?.key) {
      this._context.asked.add(this._plan.key);
      this._restart();
      this._start();
    }
  };

  private _showFault(error: unknown, retryMs: number | null = null): void {
    const retry = (): void => {
      this._start();
    };
    if (retryMs === null) {
      this.setState('failed');
    }
    this.setNotice(faultNotice(error, this._what, retryMs, retry, this._context.trans));
  }

  private readonly _showBadge = (): void => {
    const { settings, trans, download } = this._context;
    const wanted = settings.current.badge && this._plan !== null && this._plan.parts.length > 0;
    this.setBadge(
      wanted
        ? new Badge(
            this._what,
            () => {
              download(this);
            },
            trans
          )
        : null
    );
  };

  /** The output's type, and its size if that is known. */
  private get _what(): string {
    const { label = '', size = 0 } = this._plan ?? {};
    const name = label.slice(0, 60);
    return size > 0 ? `${name}, ${formatSize(size, this._context.locale)}` : name;
  }

  private readonly _options: IRenderMime.IRendererOptions;
  private readonly _context: IOutputContext;
  private _given: Given | null = null;
  private _plan: IPlan | null = null;
  private _view: IViewContext | null = null;
  private _attempt: AbortController | null = null;
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
