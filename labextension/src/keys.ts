/** The keyboard in a viewer: keys scroll and type there, while JupyterLab's move and delete cells. */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

export interface IKeyActions {
  openSearch(): void;
  /** Whether there was a search to close. */
  closeSearch(): boolean;
  toLine(line: number): void;
  toEnd(): void;
}

/**
 * Handle the keys of a viewer until disposed of.
 *
 * @param text The region that scrolls, inside of *node*.
 */
export function handleKeys(
  node: HTMLElement,
  text: HTMLElement,
  actions: IKeyActions
): IDisposable {
  const beforeShortcuts = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLElement && node.contains(event.target)) {
      const isWanted = isShortcut(event, event.target === text);
      event.target.toggleAttribute('data-lm-suppress-shortcuts', !isWanted);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    if (act(event, event.target === text, node, actions)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  // JupyterLab listens at the document, before any element.
  window.addEventListener('keydown', beforeShortcuts, true);
  node.addEventListener('keydown', onKey);
  return new DisposableDelegate(() => {
    window.removeEventListener('keydown', beforeShortcuts, true);
    node.removeEventListener('keydown', onKey);
  });
}

/** Whether a key is JupyterLab's even here: to save, to run the cell, and what takes three keys. */
function isShortcut(event: KeyboardEvent, inText: boolean): boolean {
  const { key, shiftKey } = event;
  const isRun = inText && key === 'Enter';
  return isAccel(event)
    ? isRun || shiftKey || ['b', 's'].includes(key.toLowerCase())
    : isRun && shiftKey;
}

function act(
  event: KeyboardEvent,
  inText: boolean,
  node: HTMLElement,
  actions: IKeyActions
): boolean {
  const { key, shiftKey } = event;
  if (isAccel(event) && !shiftKey && key.toLowerCase() === 'f') {
    actions.openSearch();
  } else if (key === 'Escape') {
    if (!actions.closeSearch()) {
      node.closest<HTMLElement>('.jp-Cell')?.focus();
    }
  } else if (inText && key === 'Home') {
    actions.toLine(0);
  } else if (inText && key === 'End') {
    actions.toEnd();
  } else {
    return false;
  }
  return true;
}

function isAccel({ altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && !altKey;
}
