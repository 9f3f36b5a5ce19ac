/** Tells the type and size of an output that is pointed at or has the focus; a press downloads it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

export class Badge extends Widget {
  /**
   * @param what The output's type and size.
   * @param onPress Downloads the output.
   */
  constructor(what: string, onPress: () => void, trans: TranslationBundle) {
    const button = document.createElement('button');
    super({ node: button });
    this.addClass('jp-CrdtOutput-badge');
    button.type = 'button';
    button.title = trans.__('Download this output');
    button.setAttribute('aria-label', trans.__('Download this output: %1', what));
    // Drawn by the style sheet, so that the text is never copied or found as if it were the output's.
    button.dataset.label = what;
    button.onclick = onPress;
  }
}
