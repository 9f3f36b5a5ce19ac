import { CodeCellModel, type ICellModel } from '@jupyterlab/cells';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { OPENING_SCHEMA, OpeningBar, Openings, parseOpening, TrustFollower } from '../src/opening';

const trans = nullTranslator.load('');
const OUTPUT = { output_type: 'display_data', data: { 'text/plain': 'x' }, metadata: {} };

describe('An event', () => {
  it('of the opening schema is the progress of a notebook', () => {
    const event = { schema_id: OPENING_SCHEMA, path: 'a.ipynb', read_bytes: 1, total_bytes: 2 };
    expect(parseOpening(event)).toEqual({ path: 'a.ipynb', read: 1, total: 2 });
  });

  it.each([
    ['of another schema', { schema_id: 'other', path: 'a', read_bytes: 1, total_bytes: 2 }],
    ['without numbers', { schema_id: OPENING_SCHEMA, path: 'a' }],
    ['that is nothing', null]
  ])('%s is none', (_, event) => {
    expect(parseOpening(event)).toBeNull();
  });
});

describe('The line above a notebook', () => {
  it('is seen while its outputs are being read, and only above that notebook', () => {
    const openings = new Openings();
    openings.hear({ path: 'a.ipynb', read: 1e6, total: 4e6 });
    const bar = new OpeningBar(openings, () => 'a.ipynb', trans, 'en');
    const other = new OpeningBar(openings, () => 'b.ipynb', trans, 'en');
    expect([bar.isHidden, other.isHidden]).toEqual([false, true]);
    expect(bar.node.textContent).toBe('Reading outputs from the file: 1 MB of 4 MB');
    openings.hear({ path: 'a.ipynb', read: 4e6, total: 4e6 });
    expect(bar.isHidden).toBe(true);
    bar.dispose();
    other.dispose();
  });

  it('moves without a measure until the first of them is read', () => {
    const openings = new Openings();
    openings.hear({ path: 'a.ipynb', read: 0, total: 4e6 });
    const bar = new OpeningBar(openings, () => 'a.ipynb', trans, 'en');
    const isMeasured = (): boolean => bar.node.querySelector('progress[value]') !== null;
    expect(isMeasured()).toBe(false);
    expect(bar.node.textContent).toBe('Reading outputs from the file: 4 MB');
    openings.hear({ path: 'a.ipynb', read: 1e6, total: 4e6 });
    expect(isMeasured()).toBe(true);
    bar.dispose();
  });
});

describe('A cell', () => {
  function follow(cell: ICellModel): TrustFollower {
    const cells = [cell] as unknown as { changed: Signal<unknown, never> };
    cells.changed = new Signal<unknown, never>(cells);
    return new TrustFollower(cells as unknown as ConstructorParameters<typeof TrustFollower>[0]);
  }

  it('is trusted when its document comes to say so before its outputs are there', () => {
    const cell = new CodeCellModel();
    const follower = follow(cell);
    expect(cell.trusted).toBe(false);
    cell.sharedModel.setMetadata('trusted', true);
    cell.sharedModel.setOutputs([OUTPUT]);
    expect([cell.trusted, cell.outputs.get(0).trusted]).toEqual([true, true]);
    follower.dispose();
  });

  it('that has outputs is left as it is', () => {
    const cell = new CodeCellModel();
    const follower = follow(cell);
    cell.sharedModel.setOutputs([OUTPUT]);
    cell.sharedModel.setMetadata('trusted', true);
    expect(cell.trusted).toBe(false);
    follower.dispose();
    cell.sharedModel.setOutputs([]);
    cell.sharedModel.setMetadata('trusted', false);
    cell.sharedModel.setMetadata('trusted', true);
    expect(cell.trusted).toBe(false);
  });
});
