/** The box below a cell in which what it asks for is typed: JupyterLab's own, but the server has the cell's run. */
import { Stdin } from '@jupyterlab/outputarea';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import type { IPrompt } from './record';

export interface IPromptBoxOptions {
  prompt: IPrompt;
  mayAnswer: boolean;
  /** Answers; nothing may keep the value. */
  answer: (value: string) => void;
  translator: ITranslator;
  trans: TranslationBundle;
}

export class PromptBox extends Panel {
  constructor({ prompt, mayAnswer, answer, translator, trans }: IPromptBoxOptions) {
    super();
    this.addClass('jp-CrdtPrompt');
    this.addClass('jp-OutputArea-child');
    this.addClass('jp-OutputArea-stdin-item');
    const gutter = new Widget();
    gutter.addClass('jp-OutputPrompt');
    gutter.addClass('jp-OutputArea-prompt');
    this.addWidget(gutter);
    const input = new QuietStdin({
      prompt: prompt.text,
      password: prompt.isSecret,
      future: { sendInputReply: replyTo(answer) } as unknown as Kernel.IShellFuture,
      parent_header: {} as KernelMessage.IInputReplyMsg['parent_header'],
      translator,
      showInputPlaceholder: mayAnswer
    });
    input.addClass('jp-OutputArea-output');
    const field = input.node.querySelector('input');
    if (field) {
      field.setAttribute('aria-label', prompt.text || trans.__('Input for the running cell'));
      field.autocomplete = 'off';
      field.disabled = !mayAnswer;
      field.title = mayAnswer ? '' : trans.__('You may not run cells here, nor answer them');
    }
    this.addWidget(input);
  }
}

/** Does not take the focus from what people are typing: most of those who see it have not started this. */
class QuietStdin extends Stdin {
  protected override onAfterAttach(): void {
    this.node.querySelector('input')?.addEventListener('keydown', this);
  }
}

function replyTo(answer: (value: string) => void) {
  return (content: KernelMessage.IInputReplyMsg['content']): void => {
    if (content.status === 'ok') {
      answer(content.value);
    }
  };
}
