/**
 * Keeps views of cells whole when two have written to one key of a cell at once.
 *
 * Whoever's write has lost reaches the others as a key that was written and is what it was. `@jupyter/ydoc` (3.0 to
 * 4.2) looks for its former value and throws, and the view never hears of what else was in that transaction: outputs
 * that were removed stay on the page. Where `@jupyter/ydoc` can do without, nothing is changed by this.
 */
import { YCodeCell, YMarkdownCell, YRawCell } from '@jupyter/ydoc';

/** As much of a Yjs event as is needed. */
interface IEvent {
  readonly keysChanged?: ReadonlySet<string>;
  readonly changes: { readonly keys: ReadonlyMap<string, unknown> };
}

/** What is called for each transaction that has changed a cell. */
interface ICellPrototype {
  getChanges: (this: ICellPrototype, events: readonly IEvent[]) => unknown;
}

/** Let all cells of this page do without the former value of a key that has not changed. */
export function tolerateUnchangedKeys(): void {
  for (const type of [YCodeCell, YMarkdownCell, YRawCell]) {
    const prototype = type.prototype as unknown as ICellPrototype;
    const { getChanges } = prototype;
    prototype.getChanges = function (events) {
      return getChanges.call(this, events.map(withoutUnchangedKeys));
    };
  }
}

function withoutUnchangedKeys<T extends IEvent>(event: T): T {
  const { keysChanged, changes } = event;
  const changed = [...(keysChanged ?? [])].filter(key => changes.keys.has(key));
  if (changed.length === (keysChanged?.size ?? 0)) {
    return event;
  }
  // The transaction has the same set, and others read it.
  return Object.create(event, { keysChanged: { value: new Set(changed) } }) as T;
}
