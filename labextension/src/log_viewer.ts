/** The viewer of long streams, as a widget. */
import { DisposableSet } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import type { IFetchOptions } from './artifacts';
import type { Report } from './asker';
import { formatSize } from './format';
import { handleKeys } from './keys';
import { LogControls, type ILogControlsOptions } from './log_controls';
import { LogView, type ILogViewHost, type ILogViewOptions } from './log_view';
import { faultNotice, type Notice } from './notice';
import type { ILongStreamReference, StreamId } from './reference';
import type { Visibility } from './visibility';

export interface ILogViewerOptions extends ILogViewOptions, ILogControlsOptions {
  readonly visibility: Visibility;
  /** The type that JupyterLab's style sheets know the stream by. */
  readonly mimeType: string;
}

/** Goes on with the same text when its output is replaced, and knows while it is in the page whether anybody looks. */
export class LogViewer extends Panel implements ILogViewHost {
  constructor(
    reference: ILongStreamReference,
    private readonly _options: ILogViewerOptions
  ) {
    super();
    this._reference = reference;
    this._ids.add(reference.id);
    this._view = new LogView(reference, _options, this);
    this._controls = new LogControls(this._view, _options);
    this.addClass('jp-CrdtLog');
    this.addClass('jp-RenderedText');
    this.node.dataset.mimeType = _options.mimeType;
    this.node.append(...this._controls.nodes, this._view.scroller.node);
    this._resized = new ResizeObserver(this._onResize);
  }

  /** Fetch the end, which is what is shown first. Rejects when it cannot be had. */
  async load(options: IFetchOptions): Promise<void> {
    await this._view.reader.load(options);
    this._view.refresh('end');
  }

  /** Whether this is about the same text: once it is complete, a log goes by another name. */
  isOf({ name, id, size }: ILongStreamReference): boolean {
    const hasEnded = this._reference.size === null && size !== null;
    return this._reference.name === name && (hasEnded || this._ids.has(id));
  }

  /** Go on with the same text under this name, wherever the reader is in it. */
  continueAs(reference: ILongStreamReference): void {
    this._reference = reference;
    this._ids.add(reference.id);
    this._view.reader.continueAs(reference.id);
  }

  onMoved(): void {
    this._controls.showPlace();
  }

  onFound(): void {
    this._controls.showFound();
  }

  /** Say what could not be had, or with null that all is well. */
  readonly report: Report = (error, retryMs) => {
    this._notice?.dispose();
    this._notice = null;
    if (error !== null) {
      const { locale, trans } = this._options;
      const { reader } = this._view;
      const what = `${this._reference.name}, ${formatSize(reader.state.size, locale)}`;
      const retry = reader.retry.bind(reader);
      this._notice = faultNotice(error, what, retryMs, retry, trans);
      this.addWidget(this._notice);
    }
  };

  override dispose(): void {
    if (!this.isDisposed) {
      this._view.dispose();
      this._resized.disconnect();
      super.dispose();
    }
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'scroll':
        this._view.onScroll();
        break;
      case 'wheel':
        this._view.onWheel(event as WheelEvent);
        break;
      case 'visibilitychange':
        this._setSeen(this._isSeen);
        break;
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    const { node } = this._view.scroller;
    node.addEventListener('scroll', this);
    node.addEventListener('wheel', this, { passive: true });
    document.addEventListener('visibilitychange', this);
    this._resized.observe(node);
    this._whileAttached.add(handleKeys(this.node, node, this._controls));
    this._whileAttached.add(this._options.visibility.watch(this.node, this._setSeen));
    this._onResize();
    this._focused?.focus({ preventScroll: true });
  }

  protected override onBeforeDetach(msg: Message): void {
    const { activeElement } = document;
    const { node } = this._view.scroller;
    this._focused = this.node.contains(activeElement) ? (activeElement as HTMLElement) : null;
    this._whileAttached.dispose();
    this._whileAttached = new DisposableSet();
    this._setSeen(false);
    this._resized.disconnect();
    document.removeEventListener('visibilitychange', this);
    node.removeEventListener('wheel', this);
    node.removeEventListener('scroll', this);
    super.onBeforeDetach(msg);
  }

  private readonly _onResize = (): void => {
    this._view.onResize();
  };

  private readonly _setSeen = (isSeen: boolean): void => {
    this._isSeen = isSeen;
    this._view.reader.isWatched = isSeen && this.isAttached && !document.hidden;
  };

  private _reference: ILongStreamReference;
  private readonly _ids = new Set<StreamId>();
  private readonly _view: LogView;
  private readonly _controls: LogControls;
  private readonly _resized: ResizeObserver;
  private _notice: Notice | null = null;
  private _whileAttached = new DisposableSet();
  private _focused: HTMLElement | null = null;
  private _isSeen = false;
}
