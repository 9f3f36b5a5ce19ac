/** Outputs that asked to be kept apart from the page. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

/** The frame's height is its own affair: only a number is taken from it, and not a larger one. */
const TALLEST_PX = 20_000;

/** Runs inside of the frame, which may not be looked into from outside. */
const TELL_HEIGHT = `<script>
(() => {
  const tell = () => parent.postMessage(document.documentElement.getBoundingClientRect().height, '*');
  new ResizeObserver(tell).observe(document.documentElement);
})();
</script>`;

/**
 * Shows what a renderer made, in a frame that is a stranger to the page: it has no cookies, no storage and no way to the
 * document around it. Scripts run in it for trusted outputs only.
 */
export class IsolatedView extends Widget implements IRenderMime.IRenderer {
  constructor(wrapped: IRenderMime.IRenderer, title: string) {
    super({ node: document.createElement('iframe') });
    this._wrapped = wrapped;
    this.addClass('jp-mod-isolated');
    this._frame.title = title;
    this._frame.setAttribute('frameborder', '0');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    await this._wrapped.renderModel(model);
    const content = this._wrapped.node.innerHTML;
    if (model.trusted) {
      this._frame.setAttribute(
        'sandbox',
        'allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts'
      );
      this._frame.srcdoc = content + TELL_HEIGHT;
    } else {
      // No script runs in there, so the page can look in without anything looking out.
      this._frame.setAttribute(
        'sandbox',
        'allow-popups allow-popups-to-escape-sandbox allow-same-origin'
      );
      this._frame.onload = () => {
        this._setHeight(
          this._frame.contentDocument?.documentElement.getBoundingClientRect().height
        );
      };
      this._frame.srcdoc = content;
    }
  }

  override dispose(): void {
    this._wrapped.dispose();
    super.dispose();
  }

  handleEvent(event: Event): void {
    if (event instanceof MessageEvent && event.source === this._frame.contentWindow) {
      this._setHeight(event.data);
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    window.addEventListener('message', this);
  }

  protected override onBeforeDetach(msg: Message): void {
    window.removeEventListener('message', this);
    super.onBeforeDetach(msg);
  }

  private _setHeight(height: unknown): void {
    if (typeof height === 'number' && height >= 0) {
      this._frame.style.height = `${Math.min(Math.ceil(height), TALLEST_PX)}px`;
    }
  }

  private get _frame(): HTMLIFrameElement {
    return this.node as HTMLIFrameElement;
  }

  private readonly _wrapped: IRenderMime.IRenderer;
}
