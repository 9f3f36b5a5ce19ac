import { ArtifactClient } from '../src/client';
import { loadError, loadPart, loadSegments, loadStream } from '../src/content';
import type { IPart } from '../src/reference';
import { TestStore } from './store';

let store: TestStore;
let client: ArtifactClient;

beforeEach(async () => {
  store = await TestStore.start();
  client = new ArtifactClient({ serverSettings: store.settings, retryDelaysMs: [] });
});

afterEach(() => store.stop());

function segmentsOf(...texts: string[]): IPart[] {
  return texts.map(text => store.part(text));
}

describe('A part', () => {
  it('that was base64 is base64 again, whatever its length', async () => {
    for (const length of [0, 1, 2, 3, 100_000]) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 256));
      const part = store.part(bytes, { encoding: 'base64' });
      expect(await loadPart(client, part, 'image/png', {})).toBe(bytes.toString('base64'));
    }
  });

  it('that was text is that text, byte order mark and all', async () => {
    const part = store.part('\ufeffzwölf ⟨x⟩ 🪐');
    expect(await loadPart(client, part, 'text/html', {})).toBe('\ufeffzwölf ⟨x⟩ 🪐');
  });

  it('that was JSON is its value', async () => {
    const part = store.part('{"a": [1, null]}', { encoding: 'json' });
    expect(await loadPart(client, part, 'application/json', {})).toEqual({ a: [1, null] });
  });
});

describe('A stream', () => {
  it('is its segments in order, even where they part a character', async () => {
    const bytes = Buffer.from('aé');
    const segments = [store.part(bytes.subarray(0, 2)), store.part(bytes.subarray(2))];
    expect(await loadStream(client, 'stdout', segments, {})).toEqual({
      'application/vnd.jupyter.stdout': 'aé'
    });
  });

  it('of many segments is whole', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `line ${i}\n`);
    const bytes = await loadSegments(client, segmentsOf(...texts), {});
    expect(new TextDecoder().decode(bytes)).toBe(texts.join(''));
  });

  it('of errors is shown as such', async () => {
    expect(await loadStream(client, 'stderr', segmentsOf('oh'), {})).toEqual({
      'application/vnd.jupyter.stderr': 'oh'
    });
  });

  it('obeys carriage returns and backspaces as JupyterLab does', async () => {
    const segments = segmentsOf('10%\r20', '%\rdone\nab\bc');
    const data = await loadStream(client, 'stdout', segments, {});
    expect(data).toEqual({ 'application/vnd.jupyter.stdout': 'done\nac' });
  });
});

describe('An error', () => {
  const output = { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['one', 'two'] };

  it('has all that JupyterLab makes of one', async () => {
    const part = store.part(JSON.stringify(output), { encoding: 'json' });
    const data = await loadError(client, { kind: 'error', ename: 'E', evalue: 'v…', part }, {});
    expect(data).toEqual({
      'application/vnd.jupyter.error': output,
      'application/vnd.jupyter.stderr': 'one\ntwo'
    });
  });

  it.each(['null', '[1]', '"text"', '{"traceback": "no list"}', '{"traceback": [{}]}'])(
    'is shown by its name and value when the store has %s in its place',
    async json => {
      const part = store.part(json, { encoding: 'json' });
      const data = await loadError(client, { kind: 'error', ename: 'E', evalue: 'v', part }, {});
      expect(data).toMatchObject({ 'application/vnd.jupyter.stderr': 'E: v' });
    }
  );
});
