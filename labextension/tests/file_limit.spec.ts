import type { INotebookTracker } from '@jupyterlab/notebook';
import { NotebookModel } from '@jupyterlab/notebook/lib/model';
import { ServerConnection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { FileLimit, ownLimit } from '../src/file_limit';

/** As much of a notebook's panel as is followed. */
class Panel {
  readonly model = new NotebookModel();
  readonly content = { model: this.model };
  readonly context = {
    model: this.model,
    localPath: 'folder/a notebook.ipynb',
    ready: Promise.resolve(),
    pathChanged: new Signal<this, string>(this)
  };
}

class Tracker {
  currentWidget: Panel | null = null;
  readonly currentChanged = new Signal<this, void>(this);

  select(panel: Panel | null): void {
    this.currentWidget = panel;
    this.currentChanged.emit();
  }
}

let tracker: Tracker;
let asked: string[];

beforeEach(() => {
  tracker = new Tracker();
  asked = [];
});

/** The switch on a server that says this of every notebook. */
async function open(serverLimit: number | null, panel = new Panel()): Promise<[FileLimit, Panel]> {
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: async request => {
      asked.push((request as Request).url);
      return Promise.resolve(new Response(JSON.stringify({ file_max_bytes: serverLimit })));
    }
  });
  const limit = new FileLimit({
    tracker: tracker as unknown as INotebookTracker,
    serverSettings,
    hasServerLimits: serverLimit !== null,
    large: () => 1000.4
  });
  tracker.select(panel);
  await new Promise(resolve => setTimeout(resolve, 20));
  return [limit, panel];
}

describe('The switch for large outputs in files', () => {
  it('writes the limit into the metadata, and takes it out again', async () => {
    const [limit, { model }] = await open(null);
    expect(limit.isOn).toBe(false);
    limit.toggle();
    expect(model.getMetadata('crdt-outputs')).toEqual({ file_max_bytes: 1000 });
    expect(limit.isOn).toBe(true);
    limit.toggle();
    expect(model.getMetadata('crdt-outputs')).toBeUndefined();
    expect(limit.isOn).toBe(false);
    expect(asked).toEqual([]);
  });

  it('says what the server would do, and then otherwise', async () => {
    const [limit, { model }] = await open(5000);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('api/crdt-outputs/limit?path=folder%2Fa%20notebook.ipynb');
    expect(limit.isOn).toBe(true);
    limit.toggle();
    expect(model.getMetadata('crdt-outputs')).toEqual({ file_max_bytes: null });
    expect(limit.isOn).toBe(false);
    limit.toggle();
    expect(model.getMetadata('crdt-outputs')).toBeUndefined();
    expect(limit.isOn).toBe(true);
  });

  it('asks again when the notebook is moved', async () => {
    const [, panel] = await open(5000);
    panel.context.pathChanged.emit('elsewhere.ipynb');
    expect(asked).toHaveLength(2);
  });

  it('leaves what else is in the metadata', async () => {
    const [limit, { model }] = await open(null);
    model.setMetadata('crdt-outputs', { other: 1 });
    limit.toggle();
    expect(model.getMetadata('crdt-outputs')).toEqual({ other: 1, file_max_bytes: 1000 });
    limit.toggle();
    expect(model.getMetadata('crdt-outputs')).toEqual({ other: 1 });
  });

  it('tells when somebody else switches', async () => {
    const [limit, { model }] = await open(null);
    let told = 0;
    limit.changed.connect(() => told++);
    model.setMetadata('crdt-outputs', { file_max_bytes: 300 });
    expect(told).toBe(1);
    expect(limit.isOn).toBe(true);
  });

  it('is for notebooks that may be written to', async () => {
    const [limit, { model }] = await open(null);
    expect(limit.isAvailable).toBe(true);
    model.readOnly = true;
    expect(limit.isAvailable).toBe(false);
    tracker.select(null);
    expect(limit.isAvailable).toBe(false);
    limit.toggle();
  });

  it.each([255, 0.5, '300', true, [300], {}])('passes over %j as the server does', value => {
    const model = new NotebookModel();
    model.setMetadata('crdt-outputs', { file_max_bytes: value });
    expect(ownLimit(model)).toBeUndefined();
  });
});
