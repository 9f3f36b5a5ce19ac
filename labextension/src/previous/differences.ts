/** What differs between two outputs of one kind, once they are fetched. */
import type { ComparableKind, Kind } from './comparable';
import { makeImageComparison, type Way } from './image_view';
import { diffTables, tableIn } from './table_diff';
import { makeTableView } from './table_view';
import { diffTexts } from './text_diff';
import { makeTextView } from './text_view';
import type { IWords } from './wording';

export interface IDifferencesOptions {
  readonly words: IWords;
  /** What the runs are called, the older one first. */
  readonly names: readonly [string, string];
  /** How pictures are compared, here and in the next pair. */
  readonly way: { current: Way };
}

/**
 * The differences, or in a sentence why nobody can tell them.
 *
 * @param loaded What the two have loaded: texts, HTML, or addresses of pictures.
 */
export function makeDifferences(
  kind: ComparableKind,
  [before, after]: readonly [string, string],
  { words, names, way }: IDifferencesOptions
): HTMLElement | string {
  const { trans } = words;
  switch (kind) {
    case 'image':
      return makeImageComparison({
        before,
        after,
        names,
        trans,
        way: way.current,
        chosen: value => {
          way.current = value;
        }
      });
    case 'text': {
      const lines = diffTexts(before, after);
      return lines
        ? makeTextView(lines, words)
        : trans.__('They differ in so much that it would take too long to tell in what:');
    }
    case 'html': {
      const [one, other] = [tableIn(before), tableIn(after)];
      const diff = one && other && diffTables(one, other);
      return diff
        ? makeTableView(diff, words)
        : trans.__('Of HTML, only single tables are compared, and no huge ones:');
    }
  }
}

/** Why two outputs are not compared. */
export function whyNot(one: Kind, other: Kind, { trans }: IWords): string {
  if (one === 'long text' || other === 'long text') {
    return trans.__('Streams of more than 1 MiB are not compared line by line:');
  }
  return one === other
    ? trans.__('Outputs of this type cannot be compared:')
    : trans.__('Outputs of different types are not compared:');
}
