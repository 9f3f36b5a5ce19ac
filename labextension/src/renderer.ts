/** The renderer of outputs that hold a reference. */
import { MimeModel } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import { Badge } from './badge';
import { formatSize } from './format';
import { FRAME_CLASS, OutputFrame } from './frame';
import { excerptNotice, faultNotice, largeNotice } from './notice';
import { planFor, type IPlan } from './plan';
import { REFERENCE_MIME_TYPE, type Digest } from './reference';
import type { Settings } from './settings';
import { previewOf, viewOf, type IView, type IViewContext } from './views';
import type { Visibility } from './visibility';

/** What all stored outputs of one notebook have in common. */
export interface IOutputContext extends Pick<IViewContext, 'rendermime' | 'client' | 'trans'> {
  readonly settings: Settings;
  readonly visibility: Visibility;
  /** Outputs that the user asked to see all of, by {@link IPlan.key}: they stay asked for when they grow. */
  readonly asked: Set<Digest>;
  /** The user's language, for numbers. */
  readonly locale?: string;
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
      super.dispose();
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
    const { asked, client, rendermime, settings, visibility } = this._context;
    const plan = (this._plan = planFor(model, rendermime, asked));
    this._view = {
      ...this._context,
      rendererOptions: this._options,
      trusted: model.trusted,
      text: textOf(model.data['text/plain'])
    };
    this._showBadge();
    this._show(previewOf(plan, this._view));
    this.setState(plan ? 'waiting' : 'text');
    const known = plan?.parts.filter(part => client.atHand(part)).length ?? 0;
    const grows = plan?.reference.kind === 'stream' && known > 0;
    if (grows || known === plan?.parts.length) {
      this._start();
    } else if (plan) {
      this._waiting = visibility.whenNear(this.node, settings.current.prefetchMargin, () => {
        this._start();
      });
    }
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
        this.setNotice(this._excerptNotice(plan), true);
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
    if (plan.excerpt || plan.size <= limit || (plan.key && asked.has(plan.key))) {
      return false;
    }
    const save = (): void => {
      download(this);
    };
    this.setState('held');
    this.setNotice(largeNotice(this._what, this._showAll, save, trans));
    return true;
  }

  private _excerptNotice(plan: IPlan): Widget | null {
    return plan.excerpt ? excerptNotice(this._what, this._showAll, this._context.trans) : null;
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

  /** The output's type and size. */
  private get _what(): string {
    const { _plan: plan } = this;
    return plan ? `${plan.label.slice(0, 60)}, ${formatSize(plan.size, this._context.locale)}` : '';
  }

  private readonly _options: IRenderMime.IRendererOptions;
  private readonly _context: IOutputContext;
  private _given: Given | null = null;
  private _plan: IPlan | null = null;
  private _view: IViewContext | null = null;
  private _attempt: AbortController | null = null;
  private _waiting: IDisposable | null = null;
}

/** What there is to render. */
type Given = Pick<IRenderMime.IMimeModel, 'data' | 'metadata' | 'trusted'>;

const outputs = new WeakMap<Element, StoredOutput>();

/** Notebooks may hold text as a list of lines. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
}
