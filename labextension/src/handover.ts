/**
 * Viewers between two outputs. When the reference in a document is replaced, JupyterLab throws the output away and makes
 * another one in its place; a viewer that is handed over goes on as if nothing had happened.
 */
import type { Widget } from '@lumino/widgets';

/** By then, the other output would be there. */
const KEPT_MS = 1000;

/** Where an output stands. */
export interface IPlace {
  readonly area: Element;
  readonly index: number;
}

/** The place of an output's node, if it is in an output area. */
export function placeOf(node: Element): IPlace | null {
  const child = node.closest('.jp-OutputArea-child');
  const area = child?.parentElement;
  return area ? { area, index: [...area.children].indexOf(child) } : null;
}

export class Handover<Item extends Widget> {
  /** Keep what was at a place for whoever comes there next, but not for long. Takes ownership. */
  leave({ area, index }: IPlace, item: Item): void {
    item.parent = null;
    const places = this._areas.get(area) ?? new Map<number, Item>();
    this._areas.set(area, places);
    places.get(index)?.dispose();
    places.set(index, item);
    setTimeout(() => {
      if (places.get(index) === item) {
        places.delete(index);
        item.dispose();
      }
    }, KEPT_MS);
  }

  /** Take what was left at a place, if it is wanted. Gives ownership. */
  take({ area, index }: IPlace, isWanted: (item: Item) => boolean): Item | null {
    const places = this._areas.get(area);
    const item = places?.get(index);
    if (!item || !isWanted(item)) {
      return null;
    }
    places?.delete(index);
    return item;
  }

  private readonly _areas = new WeakMap<Element, Map<number, Item>>();
}
