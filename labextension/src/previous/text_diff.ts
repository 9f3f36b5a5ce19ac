/** What differs between two texts, line by line and, in lines that were changed, word by word. */
import { diffArrays, diffWordsWithSpace } from 'diff';

export type Change = 'same' | 'removed' | 'added';

/** A piece of a line, and whether the other text has it. */
export interface IPiece {
  readonly text: string;
  readonly isMarked: boolean;
}

export interface ILine {
  readonly change: Change;
  readonly pieces: readonly IPiece[];
}

/** So long a page is busy with what differs before it gives up. */
const PATIENCE_MS = 3000;

/** Words are compared in lines that are no longer. */
const LONGEST_LINE = 2000;

/** The lines of both texts, in order; null when they differ in so much that it would take the page too long. */
export function diffTexts(before: string, after: string): ILine[] | null {
  const changes = diffArrays(linesOf(before), linesOf(after), { timeout: PATIENCE_MS });
  if (!changes) {
    return null;
  }
  const found: ILine[] = [];
  let removed: readonly string[] = [];
  for (const { value, added, removed: isRemoved } of changes) {
    if (isRemoved) {
      removed = value;
      continue;
    }
    const isAnotherForm = added && removed.length === value.length;
    found.push(
      ...(isAnotherForm
        ? changedLines(removed, value)
        : [
            ...removed.map(text => whole('removed', text)),
            ...value.map(text => whole(added ? 'added' : 'same', text))
          ])
    );
    removed = [];
  }
  return [...found, ...removed.map(text => whole('removed', text))];
}

/** As many lines in the place of as many others: each is another form of its counterpart. */
function changedLines(before: readonly string[], after: readonly string[]): ILine[] {
  const removed: ILine[] = [];
  const added: ILine[] = [];
  before.forEach((old, index) => {
    const line = after[index] ?? '';
    if (old.length > LONGEST_LINE || line.length > LONGEST_LINE) {
      removed.push(whole('removed', old));
      added.push(whole('added', line));
      return;
    }
    const words = diffWordsWithSpace(old, line);
    removed.push({ change: 'removed', pieces: pieces(words.filter(word => !word.added)) });
    added.push({ change: 'added', pieces: pieces(words.filter(word => !word.removed)) });
  });
  return [...removed, ...added];
}

function pieces(words: readonly { value: string; added?: boolean; removed?: boolean }[]): IPiece[] {
  return words.map(({ value, added, removed }) => ({
    text: value,
    isMarked: added === true || removed === true
  }));
}

function whole(change: Change, text: string): ILine {
  return { change, pieces: [{ text, isMarked: false }] };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  // What ends with a line break has no further line.
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
