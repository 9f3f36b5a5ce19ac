import { NotebookRuns } from '../src/runs/notebook_runs';
import {
  EXECUTION_SCHEMA,
  parseFreshness,
  PROMPT_SCHEMA,
  type IFreshness
} from '../src/runs/record';
import { Refusal } from '../src/runs/server';

const RECORD = {
  id: '01A',
  cell: 'a',
  file_id: 'file',
  user: 'ada',
  status: 'ok',
  source_sha256: '0'.repeat(64),
  queued_at: '2026-01-01T12:00:00Z'
};

let asked: number;
let answer: () => Promise<IFreshness>;
let runs: NotebookRuns;

/** What the server says of a notebook with one cell. */
function told(record: object | null, stale: string | null = null): void {
  const cells = [{ cell: 'a', execution: record, stale, because: [] }];
  const freshness = parseFreshness({ room: 'json:notebook:file', cells });
  answer = () => (freshness ? Promise.resolve(freshness) : Promise.reject(new Error('nothing')));
}

function ended(changes: object = {}): void {
  runs.hear({ schema_id: EXECUTION_SCHEMA, ...RECORD, ...changes });
}

function prompt(waiting: boolean): void {
  runs.hear({ schema_id: PROMPT_SCHEMA, id: '01B', cell: 'a', file_id: 'file', waiting });
}

beforeEach(() => {
  jest.useFakeTimers();
  asked = 0;
  runs = new NotebookRuns({
    path: () => 'a.ipynb',
    server: {
      freshness: () => {
        asked++;
        return answer();
      }
    }
  });
});

afterEach(() => {
  runs.dispose();
  jest.useRealTimers();
});

describe('The runs of a notebook', () => {
  it('are asked for when it is first seen, and not before', async () => {
    told(RECORD);
    runs.edited();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(0);
    runs.isWanted = true;
    await jest.advanceTimersByTimeAsync(0);
    expect(asked).toBe(1);
    expect(runs.get('a')?.execution?.id).toBe('01A');
  });

  it('are asked for once when people stop typing', async () => {
    told(RECORD);
    runs.isWanted = true;
    await jest.advanceTimersByTimeAsync(0);
    for (let key = 0; key < 20; key++) {
      runs.edited();
      await jest.advanceTimersByTimeAsync(200);
    }
    expect(asked).toBe(1);
    told(RECORD, 'edited');
    await jest.advanceTimersByTimeAsync(1000);
    expect(asked).toBe(2);
    expect(runs.get('a')?.stale).toBe('edited');
  });

  it('are known from the event that one has ended, before the server is asked', async () => {
    told(RECORD, 'edited');
    await runs.ask();
    ended({ id: '01B', status: 'error' });
    expect(runs.get('a')).toMatchObject({ execution: { status: 'error' }, stale: null });
  });

  it('are not those of another notebook, nor of what no kernel was ever given', async () => {
    told(RECORD);
    await runs.ask();
    ended({ id: '01B', file_id: 'other' });
    ended({ id: '01C', status: 'aborted', source_sha256: null });
    expect(runs.get('a')?.execution?.id).toBe('01A');
  });

  it('do not go back to what the server said before the event came', async () => {
    told({ ...RECORD, status: 'running' });
    await runs.ask();
    const asking = runs.ask();
    ended();
    await asking;
    expect(runs.get('a')?.execution?.status).toBe('ok');
  });

  it('that wait for input are known by event, and from the server after a reload', async () => {
    told(RECORD);
    await runs.ask();
    prompt(true);
    expect([...runs.asking]).toEqual([['a', '01B']]);
    prompt(false);
    expect(runs.asking.size).toBe(0);
    told({ ...RECORD, status: 'waiting-for-input' });
    await runs.ask();
    expect([...runs.asking]).toEqual([['a', '01A']]);
    ended({ status: 'error' });
    expect(runs.asking.size).toBe(0);
  });

  it('are asked for again later when the server is away, and not when it refuses', async () => {
    answer = () => Promise.reject(new TypeError('away'));
    runs.isWanted = true;
    await jest.advanceTimersByTimeAsync(60_500);
    expect(asked).toBe(3);
    answer = () => Promise.reject(new Refusal(403, 'no'));
    await jest.advanceTimersByTimeAsync(300_000);
    expect(asked).toBe(4);
  });
});
