import { NotebookModel } from '@jupyterlab/notebook/lib/model';

import { REFERENCE_MIME_TYPE } from '../src/reference';
import { storedArtifacts } from '../src/overview/stored_artifacts';

const part = (digit: string, size: number): object => ({
  sha256: digit.repeat(64),
  size,
  encoding: 'utf-8'
});

const output = (reference: object): object => ({
  output_type: 'display_data',
  data: { [REFERENCE_MIME_TYPE]: reference, 'text/plain': 'preview' },
  metadata: {}
});

const bundle = (parts: object): object => output({ kind: 'bundle', parts });

function notebook(
  ...cells: [source: string, count: number | null, outputs: object[]][]
): NotebookModel {
  const model = new NotebookModel();
  model.fromJSON({
    cells: cells.map(([source, execution_count, outputs], index) => ({
      cell_type: 'code',
      id: `cell-${index}`,
      source,
      execution_count,
      outputs,
      metadata: {}
    })) as never,
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5
  });
  return model;
}

function told(model: NotebookModel): unknown[] {
  return storedArtifacts(model.cells).list.map(({ id, type, size, place }) => [
    id.slice(0, 2),
    type,
    size,
    place.index
  ]);
}

describe('What a notebook keeps in the store', () => {
  it('is every part of every kind of reference', () => {
    const model = notebook(
      ['', 1, [bundle({ 'image/png': part('a', 10), 'text/html': part('b', 20) })]],
      ['', 2, [output({ kind: 'stream', name: 'stderr', segments: [part('c', 30)] })]],
      [
        '',
        3,
        [output({ kind: 'stream', name: 'stdout', index: part('d', 80), size: 4e9, lines: 9 })]
      ],
      ['', 4, [output({ kind: 'error', ename: 'Oh', evalue: 'no', part: part('e', 40) })]]
    );
    expect(told(model)).toEqual([
      ['aa', 'image/png', 10, 0],
      ['bb', 'text/html', 20, 0],
      ['cc', 'stderr', 30, 1],
      ['dd', 'stdout', 4e9, 2],
      ['ee', 'Oh', 40, 3]
    ]);
    expect(storedArtifacts(model.cells).total).toBe(4e9 + 100);
  });

  it('is listed and counted once, where it is seen first', () => {
    const image = bundle({ 'image/png': part('a', 10) });
    const model = notebook(['', 1, []], ['', 2, [image, image]], ['', 3, [image]]);
    expect(told(model)).toEqual([['aa', 'image/png', 10, 1]]);
    expect(storedArtifacts(model.cells).total).toBe(10);
  });

  it('has no size while a stream is being written', () => {
    const log = output({ kind: 'stream', name: 'stdout', log: 'f'.repeat(32) });
    const model = notebook(['', null, [log]]);
    expect(told(model)).toEqual([['ff', 'stdout', null, 0]]);
    expect(storedArtifacts(model.cells).total).toBe(0);
  });

  it('is nothing of what stands in the document, or cannot be read', () => {
    const text = { output_type: 'stream', name: 'stdout', text: 'all of it' };
    const model = notebook(['', 1, [text, output({ kind: 'of the future' })]]);
    expect(storedArtifacts(model.cells)).toEqual({ list: [], total: 0 });
  });

  it('tells the cell by its count and its first line', () => {
    const image = bundle({ 'image/png': part('a', 10) });
    const model = notebook(['\n\n  plot(1)  \nplot(2)', 7, [image]]);
    expect(storedArtifacts(model.cells).list[0]?.place).toEqual({
      cellId: 'cell-0',
      index: 0,
      executionCount: 7,
      line: 'plot(1)'
    });
  });

  it('is what the outputs refer to now', () => {
    const model = notebook(['', 1, [bundle({ 'image/png': part('a', 10) })]]);
    expect(told(model)).toHaveLength(1);
    const cell = model.sharedModel.cells[0] as { setOutputs?: (outputs: object[]) => void };
    cell.setOutputs?.([bundle({ 'image/png': part('b', 20) })]);
    expect(told(model)).toEqual([['bb', 'image/png', 20, 0]]);
  });
});
