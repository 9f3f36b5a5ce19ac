/** From a list to a place in a notebook. */
import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { StoredOutput } from '../renderer';
import { itemsOf, type IStoredArtifact } from './stored_artifacts';

/** Make the cell of an output the active one, and show the output. */
export async function jumpTo(panel: NotebookPanel, artifact: IStoredArtifact): Promise<void> {
  const cell = await goToCell(panel, artifact.place.cellId);
  if (!cell) {
    return;
  }
  const outputs = [...cell.node.querySelectorAll('.jp-CrdtOutput')].map(node =>
    StoredOutput.at(node)
  );
  const output = outputs.find(shown => shown && refersTo(shown, artifact));
  output?.node.scrollIntoView({ block: 'nearest' });
}

/** Make a cell the active one, whatever of the notebook is folded or not drawn; null when something else came between. */
export async function goToCell({ content }: NotebookPanel, id: string): Promise<Cell | null> {
  const index = content.widgets.findIndex(({ model }) => model.id === id);
  const cell = content.widgets[index];
  if (!cell) {
    return null;
  }
  NotebookActions.expandParent(cell, content);
  content.mode = 'command';
  content.deselectAll();
  content.activeCellIndex = index;
  // Cells far down a notebook that was just opened are not drawn for some seconds.
  await content.scrollToItem(index).catch(() => undefined);
  if (content.activeCell !== cell) {
    return null;
  }
  await NotebookActions.focusActiveCell(content, { waitUntilReady: true, preventScroll: true });
  return cell;
}

function refersTo({ plan }: StoredOutput, { id }: IStoredArtifact): boolean {
  return plan !== null && itemsOf(plan.reference).some(item => item.id === id);
}
