/** Outputs as the notebook shows them. */
import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Widget } from '@lumino/widgets';

/** So many outputs are drawn at once, as in a notebook. */
export const MOST_OUTPUTS = 50;

export interface IRendering {
  /** The notebook's own. */
  readonly rendermime: IRenderMimeRegistry;
  readonly trusted: boolean;
}

/** They have a model of their own: nothing is written back. */
export function renderOutputs(
  values: readonly IOutput[],
  { rendermime, trusted }: IRendering
): Widget {
  const model = new OutputAreaModel({ values: [...values], trusted });
  const area = new SimplifiedOutputArea({ model, rendermime, maxNumberOutputs: MOST_OUTPUTS });
  area.disposed.connect(() => {
    model.dispose();
  });
  return area;
}
