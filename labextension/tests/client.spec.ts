import { ArtifactError } from '../src/artifacts';
import { ArtifactClient } from '../src/client';
import { TestStore } from './store';

let store: TestStore;

beforeEach(async () => {
  store = await TestStore.start();
});

afterEach(() => store.stop());

function newClient(retryDelaysMs: number[] = [], rememberedBytes?: number): ArtifactClient {
  return new ArtifactClient({ serverSettings: store.settings, retryDelaysMs, rememberedBytes });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason
  );
  return error instanceof ArtifactError ? error.fault : String(error);
}

describe('The artifact client', () => {
  it('reads the bytes of an artifact', async () => {
    expect(text(await newClient().bytes(store.part('hello'), 'text/plain'))).toBe('hello');
  });

  it('builds its address from the base address, the digest and the escaped type alone', () => {
    const { digest } = store.part('hello');
    const url = newClient().url(digest, 'image/svg+xml&download=1#');
    const path = `/user/ada/api/crdt-outputs/artifacts/${digest}`;
    expect(url.endsWith(`${path}?type=image%2Fsvg%2Bxml%26download%3D1%23`)).toBe(true);
  });

  it('asks for an attachment when the artifact is to be saved', () => {
    expect(newClient().url(store.part('a').digest, 'text/plain', true)).toMatch(/&download=1$/);
  });

  it('leaves the browser free to answer from its cache', async () => {
    await newClient().bytes(store.part('hello'), 'text/plain');
    // JupyterLab's own requests have a time stamp here.
    expect(store.requests).toEqual([expect.stringMatching(/\?type=text%2Fplain$/)]);
  });

  it('asks once for what two outputs want at the same time', async () => {
    const client = newClient();
    const part = store.part('hello');
    await Promise.all([client.bytes(part, 'text/plain'), client.bytes(part, 'text/plain')]);
    expect(store.requests).toHaveLength(1);
  });

  it('has what it read a moment ago at hand', async () => {
    const client = newClient();
    const part = store.part('hello');
    expect(client.atHand(part)).toBeUndefined();
    await client.bytes(part, 'text/plain');
    expect(client.atHand(part)).toBeDefined();
    await client.bytes(part, 'text/plain');
    expect(store.requests).toHaveLength(1);
  });

  it('forgets the oldest when there is no more room', async () => {
    const client = newClient([], 9);
    const parts = ['aa', 'bb', 'cc', 'dd', 'ee'].map(content => store.part(content));
    for (const part of parts) {
      await client.bytes(part, 'text/plain');
    }
    expect(parts.map(part => client.atHand(part) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
      true
    ]);
  });

  it('tells a missing artifact at once', async () => {
    const part = store.part('hello', {}, true);
    expect(await faultOf(newClient([1, 1]).bytes(part, 'text/plain'))).toBe('missing');
    expect(store.requests).toHaveLength(1);
  });

  it('tells a damaged artifact at once', async () => {
    store.answers = [[502, '{"message": "no", "reason": "corrupt"}']];
    expect(await faultOf(newClient([1, 1]).bytes(store.part('a'), 'text/plain'))).toBe('corrupt');
    expect(store.requests).toHaveLength(1);
  });

  it('tells when the user may not read', async () => {
    store.answers = [[403, '{}']];
    expect(await faultOf(newClient([1]).bytes(store.part('a'), 'text/plain'))).toBe('forbidden');
  });

  it('takes an artifact of the wrong size for damaged', async () => {
    const part = store.part('hello', { size: 4 });
    expect(await faultOf(newClient().bytes(part, 'text/plain'))).toBe('corrupt');
  });

  it.each([
    ['a store that does not answer', 503, '{"message": "no", "reason": "unavailable"}'],
    ['a gateway without a server', 502, '<html>Bad Gateway</html>']
  ])('tries again after %s, and says so', async (_, status, body) => {
    store.answers = [
      [status, body],
      [status, body],
      [200, '']
    ];
    const told: unknown[] = [];
    const bytes = await newClient([1, 2, 3]).bytes(store.part('late'), 'text/plain', {
      onRetry: (error, delayMs) => told.push([error.fault, delayMs])
    });
    expect(text(bytes)).toBe('late');
    expect(told).toEqual([
      ['unavailable', 1],
      ['unavailable', 2]
    ]);
  });

  it('tries again when there is no server, and gives up in the end', async () => {
    const client = newClient([1, 1]);
    const part = store.part('hello');
    await store.stop();
    const told: number[] = [];
    const result = client.bytes(part, 'text/plain', { onRetry: (_, delay) => told.push(delay) });
    expect(await faultOf(result)).toBe('unavailable');
    expect(told).toEqual([1, 1]);
    store = await TestStore.start();
  });

  it('stops to try when nobody waits any more', async () => {
    store.answers = [[503, '{}']];
    const waiting = new AbortController();
    const result = newClient([60_000]).bytes(store.part('a'), 'text/plain', {
      signal: waiting.signal,
      onRetry: () => {
        waiting.abort();
      }
    });
    expect(await faultOf(result)).toMatch('AbortError');
    expect(store.requests).toHaveLength(1);
  });

  it('reads the beginning of an artifact without the rest', async () => {
    const part = store.part('beginning and end');
    expect(text(await newClient().beginning(part, 'text/plain', 9))).toBe('beginning');
    expect(store.sent).toBe(9);
  });

  it('asks for a beginning with the headers that all requests are to have', async () => {
    const { settings } = store;
    const init = { ...settings.init, headers: { 'X-Gateway': 'ours' } };
    const client = new ArtifactClient({ serverSettings: { ...settings, init } });
    await client.beginning(store.part('beginning and end'), 'text/plain', 9);
    expect(store.headers).toMatchObject({ 'x-gateway': 'ours', range: 'bytes=0-8' });
  });

  it('reads the beginning through a gateway that knows no ranges', async () => {
    store.hasRanges = false;
    const part = store.part('beginning and end');
    expect(text(await newClient().beginning(part, 'text/plain', 9))).toBe('beginning');
  });

  it('reads all of what is shorter than the beginning that was asked for', async () => {
    expect(text(await newClient().beginning(store.part('short'), 'text/plain', 9))).toBe('short');
  });

  it('takes a beginning that is too short for damaged', async () => {
    const part = store.part('hello', { size: 50 });
    expect(await faultOf(newClient().beginning(part, 'text/plain', 9))).toBe('corrupt');
  });

  it('tries again to read a beginning', async () => {
    store.answers = [
      [503, '{}'],
      [200, '']
    ];
    const bytes = await newClient([1]).beginning(store.part('late again'), 'text/plain', 4);
    expect(text(bytes)).toBe('late');
  });

  it('takes the beginning from what is at hand', async () => {
    const client = newClient();
    const part = store.part('hello');
    await client.bytes(part, 'text/plain');
    expect(text(await client.beginning(part, 'text/plain', 4))).toBe('hell');
    expect(store.requests).toHaveLength(1);
  });
});
