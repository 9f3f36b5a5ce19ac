import type { Event } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal, Stream } from '@lumino/signaling';

import { STORE_SCHEMA, StoreStatus } from '../src/overview/store_status';
import { statusText, statusTitle, usageText, waitingReason } from '../src/overview/wording';
import { TestStore } from './store';

const LANGUAGE = { trans: nullTranslator.load(''), locale: 'en' };
const CALM = { waiting: 0, waiting_bytes: 0, trouble: '', used_bytes: null, quota_bytes: null };
const AWAY = { ...CALM, waiting: 2, trouble: 'away' };
const [ONE, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];

let server: TestStore;
let stream: Stream<Event.IManager, Event.Emission>;
let status: StoreStatus;

beforeEach(async () => {
  server = await TestStore.start();
  stream = new Stream({} as Event.IManager);
});

afterEach(async () => {
  status.dispose();
  Signal.clearData(stream);
  await server.stop();
});

function start(answer: object, serverSettings = server.settings): void {
  answers(answer);
  status = new StoreStatus({ serverSettings, events: { stream } });
}

function answers(answer: object): void {
  server.answers = [[200, JSON.stringify(answer)]];
}

function say(state: object): void {
  stream.emit({ schema_id: STORE_SCHEMA, ...state });
}

/** When the next thing is known. */
function changed(): Promise<unknown> {
  return new Promise(resolve => {
    const done = (): void => {
      status.stateChanged.disconnect(done);
      resolve(undefined);
    };
    status.stateChanged.connect(done);
  });
}

describe('The status of the store', () => {
  it('is asked for at first and heard from then on', async () => {
    start(AWAY);
    await changed();
    expect(status.state).toEqual({ waiting: 2, trouble: 'away', used: null, quota: null });
    say({ ...CALM, used_bytes: 7, quota_bytes: 9 });
    expect(status.state).toEqual({ waiting: 0, trouble: '', used: 7, quota: 9 });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatch(/^GET \/user\/ada\/api\/crdt-outputs\/store/);
  });

  it('lists what waits for who wants to know', async () => {
    start(CALM);
    await changed();
    status.isListing = true;
    answers({ ...AWAY, digests: [ONE, OTHER, '../../etc'] });
    say(AWAY);
    await changed();
    expect([...status.waiting]).toEqual([ONE, OTHER]);
    expect(server.requests.at(-1)).toContain('/store?digests=1');
    say(CALM);
    expect([...status.waiting]).toEqual([]);
  });

  it('does not list what nobody looks at', async () => {
    start(CALM);
    await changed();
    say(AWAY);
    status.isListing = false;
    say({ ...AWAY, waiting: 3 });
    expect(server.requests).toHaveLength(1);
  });

  it('takes what it heard meanwhile for newer than an answer', async () => {
    const { settings } = server;
    const hears = async (...request: Parameters<typeof fetch>): Promise<Response> => {
      const response = await fetch(...request);
      say(CALM);
      return response;
    };
    start(AWAY, { ...settings, fetch: hears });
    await changed();
    await changed();
    expect(status.state.waiting).toBe(0);
  });

  it('lets events of other kinds pass', async () => {
    start(CALM);
    await changed();
    stream.emit({ schema_id: 'other', ...AWAY });
    say({ waiting: 'many' });
    expect(status.state.waiting).toBe(0);
  });
});

describe('The status bar', () => {
  const calm = { waiting: 0, trouble: '', used: null, quota: null };
  const away = { ...calm, waiting: 2, trouble: 'away' };

  it.each([
    [0, calm, ''],
    [12_400_000, calm, 'Outputs: 12.4 MB stored'],
    [12_400_000, away, '2 outputs not yet stored'],
    [0, { ...away, waiting: 1 }, '1 output not yet stored']
  ])('says of %d bytes and %j: %s', (total, state, text) => {
    expect(statusText(total, state, LANGUAGE)).toBe(text);
  });

  it('tells the trouble to who points at it', () => {
    expect(statusTitle(5e6, away, LANGUAGE)).toMatch(/^away\nOutputs of this notebook: 5 MB\n/);
    expect(statusTitle(5e6, calm, LANGUAGE)).toMatch(/^Outputs of this notebook: 5 MB\n/);
    expect(waitingReason({ ...away, trouble: '' }, LANGUAGE)).toContain('safe on this server');
  });
});

describe('How full the store is', () => {
  it.each([
    [null, null, ''],
    [null, 9e9, ''],
    [4e9, null, 'All notebooks: 4 GB'],
    [4e9, 9e9, 'All notebooks: 4 GB of 9 GB']
  ])('with %s of %s bytes: %s', (used, quota, text) => {
    const state = { waiting: 0, trouble: '', used, quota };
    expect(usageText(state, LANGUAGE)).toBe(text);
  });
});
