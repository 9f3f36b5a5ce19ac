import { nullTranslator } from '@jupyterlab/translation';

import { People } from '../src/runs/people';
import {
  EXECUTION_SCHEMA,
  parseEnded,
  parseExecution,
  parseFreshness,
  parsePrompt,
  parsePromptEvent,
  PROMPT_SCHEMA,
  type ICellRun,
  type IExecution,
  type Stale
} from '../src/runs/record';
import { allStale, staleBy } from '../src/runs/to_run';
import { formatAgo, formatDuration, lineText, staleText, statusText } from '../src/runs/wording';

const trans = nullTranslator.load('');
const WORDS = {
  trans,
  locale: 'en',
  nameOf: (user: string) => user,
  cellName: (cell: string) => `[${cell}]`
};
const NOON = Date.parse('2026-01-01T12:00:00Z');

export const RECORD = {
  id: '01A',
  cell: 'a',
  file_id: 'file',
  user: 'ada',
  via: 'browser',
  status: 'ok',
  source_sha256: '0'.repeat(64),
  queued_at: '2026-01-01T12:00:00Z',
  started_at: '2026-01-01T12:00:01.000000Z',
  ended_at: '2026-01-01T12:00:03.300000Z'
};

function execution(changes: object = {}): IExecution {
  const parsed = parseExecution({ ...RECORD, ...changes });
  if (!parsed) {
    throw new Error('no execution');
  }
  return parsed;
}

function run(cell: string, stale: Stale | null = null, because: string[] = [], id = '1'): ICellRun {
  return { cell, stale, because, needs: [], execution: execution({ id, cell }) };
}

describe('What the server tells', () => {
  it('of an execution is taken with its times', () => {
    expect(execution()).toMatchObject({
      user: 'ada',
      queued: NOON,
      started: NOON + 1000,
      ended: NOON + 3300,
      wasSent: true,
      error: null
    });
  });

  it.each([
    ['has no user', { user: undefined }],
    ['has an unknown status', { status: 'dancing' }],
    ['has no time', { queued_at: 'noon' }]
  ])('is no execution when it %s', (_, changes) => {
    expect(parseExecution({ ...RECORD, ...changes })).toBeNull();
  });

  it('of what is stale is taken without what is none', () => {
    const cells = [
      { cell: 'a', execution: RECORD, stale: 'upstream', because: ['b', 3] },
      { cell: 'b', execution: null, stale: 'rotten', needs: ['a', 3] },
      'c'
    ];
    const freshness = parseFreshness({ room: 'json:notebook:file', cells });
    expect(freshness?.fileId).toBe('file');
    expect(freshness?.runs).toEqual([
      run('a', 'upstream', ['b'], '01A'),
      { cell: 'b', execution: null, stale: null, because: [], needs: ['a'] }
    ]);
    expect(parseFreshness({ cells })).toBeNull();
    expect(parseFreshness(null)).toBeNull();
  });

  it('of executions that are known need be no more than their ids', () => {
    const answer = (id: string): object => ({
      room: 'json:notebook:file',
      cells: [{ cell: 'a', execution: { id }, stale: null, because: [] }]
    });
    const known = new Map([['01A', execution()]]);
    expect(parseFreshness(answer('01A'), known)?.runs).toEqual([run('a', null, [], '01A')]);
    expect(parseFreshness(answer('01B'), known)).toBeNull();
    expect(parseFreshness(answer('01B'))?.runs[0]?.execution).toBeNull();
  });

  it('in an event is an end, or word of a prompt, or neither', () => {
    expect(parseEnded({ schema_id: EXECUTION_SCHEMA, ...RECORD })).toEqual(execution());
    expect(parseEnded({ schema_id: 'other', ...RECORD })).toBeNull();
    const prompt = { schema_id: PROMPT_SCHEMA, id: '01A', cell: 'a', file_id: 'file' };
    expect(parsePromptEvent({ ...prompt, waiting: true })).toMatchObject({ isWaiting: true });
    expect(parsePromptEvent(prompt)).toBeNull();
  });

  it('of a prompt is its words and whether it is for a secret', () => {
    const input = { prompt: 'word?', password: true };
    expect(parsePrompt({ ...RECORD, input })).toEqual({ text: 'word?', isSecret: true });
    expect(parsePrompt({ ...RECORD, input: null })).toBeNull();
  });
});

describe('In words', () => {
  it.each([
    [12.4, '12ms'],
    [2300, '2.3s'],
    [42_400, '42s'],
    [65_000, '1:05'],
    [7_205_000, '2:00:05'],
    [-5, '0ms']
  ])('%d ms are %s', (ms, text) => {
    expect(formatDuration(ms, 'en')).toBe(text);
  });

  it.each([
    [5_000, 'just now'],
    [-5_000, 'just now'],
    [300_000, '5 min. ago'],
    [7_200_000, '2 hr. ago'],
    [172_800_000, '2 days ago']
  ])('%d ms ago is %s', (ms, text) => {
    expect(formatAgo(ms, trans, 'en')).toBe(text);
  });

  it('a run is how long it took, who ran it, and when', () => {
    expect(lineText(execution(), NOON + 303_300, WORDS)).toBe('2.3s · ada · 5 min. ago');
  });

  it('one that goes on is how long it has, and who began it', () => {
    const running = execution({ status: 'running', ended_at: null });
    expect(lineText(running, NOON + 8000, WORDS)).toBe('7s · ada');
  });

  it('tells what somebody says that they are called as no more than that', () => {
    const told = execution({ user: 'f'.repeat(32), claimed_name: 'ada' });
    const words = { ...WORDS, nameOf: () => 'somebody' };
    expect(lineText(told, NOON + 303_300, words)).toBe(
      '2.3s · somebody who goes by “ada” · 5 min. ago'
    );
  });

  it.each([
    ['ok', {}, 'Ran in 2.3s'],
    ['error', { error: 'ValueError' }, 'ValueError after 2.3s'],
    ['cancelled', { started_at: null }, 'Cancelled'],
    ['timeout', {}, 'Stopped after 2.3s: its time was up'],
    ['interrupted', {}, 'Its kernel ended after 2.3s'],
    ['waiting-for-input', {}, 'Waits for input']
  ])('%s with %p is "%s"', (status, changes, text) => {
    expect(statusText(execution({ status, ...changes }), NOON, WORDS)).toBe(text);
  });

  it('stale says why, and which cell it was', () => {
    const runs = [run('a', null, [], '9'), run('b', 'edited'), run('c', 'upstream', ['a'])];
    const runOf = (cell: string): ICellRun | undefined => runs.find(each => each.cell === cell);
    const text = (stale: ICellRun): string => staleText(stale, runOf, WORDS);
    expect(text(run('a'))).toBe('');
    expect(text(run('b', 'edited'))).toBe('Stale: the source has changed since');
    expect(text(run('c', 'upstream', ['a']))).toBe('Stale: cell [a] was run after it');
    expect(text(run('c', 'upstream', ['b']))).toBe('Stale: cell [b] has changed since');
    expect(text(run('c', 'upstream', ['a', 'b']))).toBe('Stale: cells [a], [b] have changed since');
  });
});

describe('A user', () => {
  const GRACE = 'f'.repeat(32);
  const states = new Map<number, object>();
  let change: () => void;
  const presence = {
    getStates: () => states as Map<number, Record<string, unknown>>,
    on: (_: string, listener: () => void) => {
      change = listener;
    },
    off: () => undefined
  };
  const people = new People(() => 'ada', trans);

  it.each([
    ['ada', 'you'],
    [GRACE, 'somebody'],
    ['bob', 'bob']
  ])('%s is called %s', (username, name) => {
    expect(people.nameOf(username)).toBe(name);
  });

  it('is called by the name that others see, once met', () => {
    const changed = jest.fn();
    people.changed.connect(changed);
    people.follow(presence);
    states.set(1, { user: { username: GRACE, name: 'Grace' } });
    change();
    change();
    states.clear();
    change();
    expect(people.nameOf(GRACE)).toBe('Grace');
    expect(changed).toHaveBeenCalledTimes(1);
  });
});

describe('What is run again', () => {
  const ran = new Set(['a']);

  it('is what reads from the cell that was run, directly or not, in order', () => {
    const runs = [run('c', 'upstream', ['b']), run('a'), run('b', 'upstream', ['a'])];
    expect(staleBy(runs, ran)).toEqual(['c', 'b']);
  });

  it('is no cell that is being edited, nor what reads from one', () => {
    const runs = [
      run('a'),
      run('b', 'edited'),
      run('c', 'upstream', ['a', 'b']),
      run('d', 'upstream', ['a'])
    ];
    expect(staleBy(runs, ran)).toEqual(['d']);
  });

  it('is no cell that is stale for another reason, or runs already', () => {
    const other = run('b', 'upstream', ['a']);
    const running = { ...other, execution: execution({ status: 'running' }) };
    expect(staleBy([run('a'), run('z'), run('y', 'upstream', ['z']), running], ran)).toEqual([]);
  });

  it('is preceded by what it needs that the kernel has not run, when nobody edits that', () => {
    const stale = { ...run('b', 'upstream', ['a']), needs: ['c'] };
    const needed = { ...run('c'), needs: ['d'] };
    const runs = [run('d'), run('a'), needed, run('e'), stale];
    expect(staleBy(runs, ran)).toEqual(['d', 'c', 'b']);
    expect(staleBy([run('d', 'edited'), ...runs.slice(1)], ran)).toEqual([]);
  });

  it('is all that is stale and what it needs, when that is asked for', () => {
    const stale = { ...run('b', 'edited'), needs: ['a', 'c'] };
    const running = { ...run('c'), execution: execution({ status: 'running' }) };
    expect(allStale([run('z'), run('a'), running, stale])).toEqual(['a', 'b']);
    expect(allStale([{ ...run('a'), needs: ['b'] }, run('b')])).toEqual([]);
  });

  it('does not go round in circles', () => {
    const runs = [run('b', 'upstream', ['c']), run('c', 'upstream', ['b'])];
    expect(staleBy(runs, ran)).toEqual([]);
  });
});
