/** Small pieces of the page that several views here are made of. */

/** An element with a class, and children or text. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

export function makeButton(className: string, label: string, press: () => void): HTMLButtonElement {
  const button = make('button', className, label);
  button.type = 'button';
  button.onclick = press;
  return button;
}

/** A sentence that a screen reader says when there is time. */
export function makeNote(text: string): HTMLElement {
  const note = make('div', 'jp-CrdtPrevious-note', text);
  note.setAttribute('role', 'status');
  return note;
}

/** What may be scrolled, and so is to be reached by the keyboard. */
export function makeScrolled(className: string, label: string, ...children: Node[]): HTMLElement {
  const view = make('div', className, ...children);
  view.tabIndex = 0;
  view.setAttribute('role', 'group');
  view.setAttribute('aria-label', label);
  return view;
}

export interface IChoice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

/** Some choices of which one holds, as buttons in a row; the arrow keys go from one to the next. */
export function makeChoices<Value extends string>(
  label: string,
  choices: readonly IChoice<Value>[],
  chosen: Value,
  choose: (value: Value) => void
): HTMLElement {
  const group = make('div', 'jp-CrdtPrevious-choices');
  group.setAttribute('role', 'radiogroup');
  group.setAttribute('aria-label', label);
  const buttons = choices.map(choice => {
    const button = makeButton('jp-CrdtPrevious-choice', choice.label, () => {
      mark(choice.value);
      choose(choice.value);
    });
    button.setAttribute('role', 'radio');
    return button;
  });
  const mark = (value: Value): void => {
    choices.forEach((choice, index) => {
      const isChosen = choice.value === value;
      buttons[index]?.setAttribute('aria-checked', String(isChosen));
      buttons[index]?.setAttribute('tabindex', isChosen ? '0' : '-1');
    });
  };
  group.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = buttons.findIndex(button => button === event.target);
    if (step && at >= 0) {
      event.preventDefault();
      const next = buttons[(at + step + buttons.length) % buttons.length];
      next?.focus();
      next?.click();
    }
  };
  mark(chosen);
  group.append(...buttons);
  return group;
}
