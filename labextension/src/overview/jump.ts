/** From a list of outputs to where they are. */
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import { StoredOutput } from '../renderer';
import { itemsOf, type IStoredArtifact } from './stored_artifacts';

/** Make the cell of an output the active one, whatever of the notebook is folded or not drawn, and show the output. */
export async function jumpTo(panel: NotebookPanel, artifact: IStoredArtifact): Promise<void> {
  const notebook = panel.content;
  const index = notebook.widgets.findIndex(({ model }) => model.id === artifact.place.cellId);
  const cell = notebook.widgets[index];
  if (!cell) {
    return;
  }
  NotebookActions.expandParent(cell, notebook);
  notebook.mode = 'command';
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  // Cells far down a notebook that was just opened are not drawn for some seconds.
  await notebook.scrollToItem(index).catch(() => undefined);
  if (notebook.activeCell !== cell) {
    return;
  }
  await NotebookActions.focusActiveCell(notebook, { waitUntilReady: true, preventScroll: true });
  const outputs = [...cell.node.querySelectorAll('.jp-CrdtOutput')].map(node =>
    StoredOutput.at(node)
  );
  const output = outputs.find(shown => shown && refersTo(shown, artifact));
  output?.node.scrollIntoView({ block: 'nearest' });
}

function refersTo({ plan }: StoredOutput, { id }: IStoredArtifact): boolean {
  return plan !== null && itemsOf(plan.reference).some(item => item.id === id);
}
