/** Long middles of what is equal are put away behind a button, so that what differs is seen. */
import { makeButton } from './elements';

/** Things in order, and stretches of them that are put away. */
export type Folded<Item> = (Item[] | { readonly hidden: Item[] })[];

/** @param around How many equal things stay in sight beside one that is not. */
export function folded<Item>(
  items: readonly Item[],
  isSame: (item: Item) => boolean,
  around = 3
): Folded<Item> {
  const found: Folded<Item> = [];
  let at = 0;
  while (at < items.length) {
    let end = at;
    const same = isSame(items[at] as Item);
    while (end < items.length && isSame(items[end] as Item) === same) {
      end++;
    }
    const first = at === 0 ? 0 : around;
    const last = end === items.length ? 0 : around;
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

export interface IFoldOptions<Item> {
  readonly isSame: (item: Item) => boolean;
  readonly around?: number;
  readonly draw: (item: Item) => HTMLElement;
  /** What the button says that shows so many. */
  readonly label: (count: number) => string;
  /** What the button stands in, in the place of what it shows. */
  readonly frame?: (button: HTMLElement) => HTMLElement;
}

/** Elements for things in order; pressing a button puts those that it stands for in its place. */
export function drawFolded<Item>(
  items: readonly Item[],
  { isSame, around, draw, label, frame = button => button }: IFoldOptions<Item>
): HTMLElement[] {
  return folded(items, isSame, around).flatMap(part => {
    if (Array.isArray(part)) {
      return part.map(draw);
    }
    const button = makeButton('jp-CrdtPrevious-fold', label(part.hidden.length), () => {
      // Whoever is here by the keyboard goes on from what scrolls.
      place.closest<HTMLElement>('[tabindex]')?.focus({ preventScroll: true });
      place.replaceWith(...part.hidden.map(draw));
    });
    const place = frame(button);
    return [place];
  });
}
