import { YNotebook, type CellChange, type YCodeCell } from '@jupyter/ydoc';
import * as Y from 'yjs';

import { tolerateUnchangedKeys } from '../src/unchanged_keys';

const OUTPUT = { output_type: 'stream', name: 'stdout', text: 'former' } as const;

class Page {
  constructor(client: number) {
    this.notebook.ydoc.clientID = client;
  }

  get cell(): YCodeCell {
    return this.notebook.cells[0] as YCodeCell;
  }

  /** Take what another page has, as its provider would; what observers throw is thrown here. */
  hear(other: Page): void {
    const known = Y.encodeStateVector(this.notebook.ydoc);
    Y.applyUpdate(this.notebook.ydoc, Y.encodeStateAsUpdate(other.notebook.ydoc, known));
  }

  /** As JupyterLab does when a cell is run. */
  begin(): void {
    this.cell.transact(() => {
      this.cell.setOutputs([]);
      this.cell.execution_count = null;
      this.cell.executionState = 'running';
    });
  }

  readonly notebook = YNotebook.create();
}

/** Two pages that run one cell at once, and what the first one's view hears of it from the other. */
function race(
  winner: number,
  loser: number
): { views: Page[]; heard: CellChange[]; thrown: unknown[] } {
  const [one, two] = [new Page(winner), new Page(loser)];
  one.notebook.addCell({ cell_type: 'code', id: 'cell', outputs: [OUTPUT], execution_count: 1 });
  two.hear(one);
  const heard: CellChange[] = [];
  const thrown: unknown[] = [];
  one.cell.execution_count = 7;
  one.cell.executionState = 'idle';
  two.begin();
  one.cell.changed.connect((_, change) => {
    heard.push(change);
  });
  try {
    one.hear(two);
  } catch (error) {
    thrown.push(error);
  }
  two.hear(one);
  return { views: [one, two], heard, thrown };
}

describe('A view of a cell', () => {
  it('loses all of a transaction in which one of two writes to a key has lost, as long as nothing is done', () => {
    const { heard, thrown } = race(2, 1);
    expect(thrown).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  describe('that tolerates unchanged keys', () => {
    beforeAll(() => {
      tolerateUnchangedKeys();
    });

    it('hears of the outputs that were removed, and not of the key that is what it was', () => {
      const { views, heard, thrown } = race(2, 1);
      expect(thrown).toEqual([]);
      expect(heard).toEqual([expect.objectContaining({ outputsChange: [{ delete: 1 }] })]);
      expect(heard[0]).not.toHaveProperty('executionCountChange');
      expect(views.map(({ cell }) => cell.toJSON())).toEqual([
        expect.objectContaining({ execution_count: 7, outputs: [] }),
        expect.objectContaining({ execution_count: 7, outputs: [] })
      ]);
    });

    it('hears of keys that have changed, with what they were', () => {
      const { heard } = race(1, 2);
      expect(heard).toEqual([
        expect.objectContaining({
          outputsChange: [{ delete: 1 }],
          executionCountChange: { oldValue: 7, newValue: null },
          executionStateChange: { oldValue: 'idle', newValue: 'running' }
        })
      ]);
    });
  });
});
