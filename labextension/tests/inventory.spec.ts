import type { INotebookTracker } from '@jupyterlab/notebook';
import { NotebookModel } from '@jupyterlab/notebook/lib/model';
import { Signal } from '@lumino/signaling';

import { Inventory } from '../src/overview/inventory';
import { REFERENCE_MIME_TYPE } from '../src/reference';

/** As much of a notebook's widget as is followed. */
class Notebook {
  readonly model = new NotebookModel();
  readonly modelChanged = new Signal<this, void>(this);
  readonly modelContentChanged = new Signal<this, void>(this);

  constructor() {
    this.model.contentChanged.connect(() => {
      this.modelContentChanged.emit();
    });
    this.model.sharedModel.insertCell(0, { cell_type: 'code', source: '' });
  }

  /** Add an output with a stored part of so many bytes. */
  show(size: number): void {
    const part = { sha256: size.toString(16).padStart(64, '0'), size, encoding: 'utf-8' };
    const data = { [REFERENCE_MIME_TYPE]: { kind: 'bundle', parts: { 'image/png': part } } };
    const cell = this.model.sharedModel.cells[0] as unknown as {
      updateOutputs: (start: number, end: number, outputs: object[]) => void;
    };
    cell.updateOutputs(0, 0, [{ output_type: 'display_data', data, metadata: {} }]);
  }
}

class Tracker {
  currentWidget: { content: Notebook } | null = null;
  readonly currentChanged = new Signal<this, void>(this);

  select(content: Notebook | null): void {
    this.currentWidget = content && { content };
    this.currentChanged.emit();
  }
}

let tracker: Tracker;
let inventory: Inventory;
let told: number[];

beforeEach(() => {
  jest.useFakeTimers();
  tracker = new Tracker();
  inventory = new Inventory(tracker as unknown as INotebookTracker);
  told = [];
  inventory.stateChanged.connect(({ artifacts }) => told.push(artifacts.total));
});

afterEach(() => {
  inventory.dispose();
  jest.useRealTimers();
});

describe('The inventory', () => {
  it('is that of the current notebook', () => {
    const [one, other] = [new Notebook(), new Notebook()];
    one.show(10);
    other.show(20);
    tracker.select(one);
    tracker.select(other);
    tracker.select(null);
    expect(told).toEqual([10, 20, 0]);
    expect(inventory.notebook).toBeNull();
  });

  it('follows many changes with one look', () => {
    const notebook = new Notebook();
    tracker.select(notebook);
    for (let size = 1; size <= 1000; size++) {
      notebook.show(size);
    }
    expect(told).toEqual([0]);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([0, 500_500]);
    notebook.show(2000);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([0, 500_500, 502_500]);
  });

  it('does not follow notebooks that were left', () => {
    const notebook = new Notebook();
    tracker.select(notebook);
    notebook.show(10);
    tracker.select(null);
    notebook.show(20);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([0, 0]);
  });

  it('has an end', () => {
    const notebook = new Notebook();
    tracker.select(notebook);
    inventory.dispose();
    notebook.show(10);
    tracker.select(null);
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([0]);
  });
});
