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
    const button = make('button', 'jp-CrdtPrevious-choice', choice.label);
    button.type = 'button';
    button.setAttribute('role', 'radio');
    button.onclick = () => {
      mark(choice.value);
      choose(choice.value);
    };
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

/** Runs of things that are alike, the long middles of which are put away behind a button. */
export function folded<Item>(
  items: readonly Item[],
  isSame: (item: Item) => boolean,
  context = 3
): (Item[] | { readonly hidden: Item[] })[] {
  const found: (Item[] | { readonly hidden: Item[] })[] = [];
  let at = 0;
  while (at < items.length) {
    let end = at;
    const same = isSame(items[at] as Item);
    while (end < items.length && isSame(items[end] as Item) === same) {
      end++;
    }
    const first = at === 0 ? 0 : context;
    const last = end === items.length ? 0 : context;
    if (same && end - at > first + last + 2) {
      found.push(items.slice(at, at + first), { hidden: items.slice(at + first, end - last) });
      found.push(items.slice(end - last, end));
    } else {
      found.push(items.slice(at, end));
    }
    at = end;
  }
  return found.filter(each => !Array.isArray(each) || each.length > 0);
}
