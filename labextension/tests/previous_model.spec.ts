import type { IOutput } from '@jupyterlab/nbformat';
import { Signal } from '@lumino/signaling';

import type { ILiveCell } from '../src/previous/live_cell';
import { PreviousRunsModel } from '../src/previous/model';
import type { IOutputs, IRun } from '../src/previous/runs';
import { EXECUTION_SCHEMA } from '../src/runs/record';

const text = (said: string): IOutput[] => [{ output_type: 'stream', name: 'stdout', text: said }];

/** A run that said something, with what nobody looks at here left out. */
function ran(count: number, said = `run ${count}`, id = `01${count}`): IRun {
  const other = {
    user: '',
    claimedName: null,
    status: 'ok',
    error: '',
    started: null,
    ended: null,
    note: ''
  };
  return { ...other, id, count, outputs: text(said) };
}

const owner = {};
let present: IOutputs | null;
let isRunning: boolean;
let isAway: boolean;
let kept: IRun[];
let answers: (() => void)[];
let model: PreviousRunsModel;

const changed = new Signal<unknown, unknown>(owner);
const cell: ILiveCell = {
  id: 'a',
  changed,
  get present() {
    return present;
  },
  replace: by => {
    if (isRunning || !present) {
      return false;
    }
    present = by;
    return true;
  }
};
const events = new Signal<unknown, unknown>(owner);
const server = {
  runs: () => {
    const now = isAway ? null : kept;
    return new Promise<readonly IRun[]>((resolve, reject) =>
      answers.push(() => {
        if (now) {
          resolve(now);
        } else {
          reject(new Error('it is away'));
        }
      })
    );
  },
  restore: (id: string): Promise<IOutputs> => {
    const before = present;
    const run = kept.find(each => each.id === id);
    if (!before || !run?.outputs) {
      return Promise.reject(new Error('it is gone'));
    }
    present = { outputs: run.outputs, count: run.count };
    return Promise.resolve(before);
  }
};

/** The server answers all that it was asked, in this order. */
async function answered(order = (asked: (() => void)[]): (() => void)[] => asked): Promise<void> {
  for (const answer of order(answers.splice(0))) {
    answer();
    await jest.advanceTimersByTimeAsync(0);
  }
}

async function edited(now: IOutputs | null): Promise<void> {
  present = now;
  changed.emit(undefined);
  await jest.advanceTimersByTimeAsync(1000);
}

async function ended(): Promise<void> {
  const record = { id: '01X', cell: 'a', file_id: 'f', user: 'u', status: 'ok' };
  events.emit({ schema_id: EXECUTION_SCHEMA, ...record, queued_at: '2026-01-01T12:00:00Z' });
  await jest.advanceTimersByTimeAsync(1000);
}

/** The list as a user reads it; what is looked at in brackets. */
function listed(): string[] {
  return model.runs.map(({ run, place }) => {
    const [output] = run.outputs ?? [];
    const said = `${output?.text as string}${place ? `, ${place}` : ''}`;
    return model.chosen.includes(run.id) ? `[${said}]` : said;
  });
}

beforeEach(async () => {
  jest.useFakeTimers();
  kept = [ran(3), ran(2), ran(1)];
  present = { outputs: text('run 3'), count: 3 };
  isRunning = false;
  isAway = false;
  answers = [];
  model = new PreviousRunsModel({ cell, events, server, path: () => 'a.ipynb' });
  await answered();
});

afterEach(() => {
  model.dispose();
  jest.useRealTimers();
});

describe('The previous runs of a cell', () => {
  it('are listed with the last two looked at, until others are chosen', () => {
    expect(listed()).toEqual(['[run 3, notebook]', '[run 2]', 'run 1']);
    model.choose('011', true);
    expect(listed()).toEqual(['run 3, notebook', '[run 2]', '[run 1]']);
    model.choose('011', false);
    model.choose('012', false);
    expect(listed()).toEqual(['run 3, notebook', 'run 2', 'run 1']);
  });

  it('are asked for again when the cell has run, and what was chosen stays', async () => {
    model.choose('011', true);
    [kept, present] = [[ran(4), ...kept], { outputs: text('run 4'), count: 4 }];
    await ended();
    await answered();
    expect(listed()).toEqual(['run 4, notebook', 'run 3', '[run 2]', '[run 1]']);
  });

  it('are not those of an answer that another has overtaken', async () => {
    await ended();
    kept = [ran(4), ...kept];
    await ended();
    await answered(asked => asked.reverse());
    expect(model.runs).toHaveLength(4);
  });

  it('are still listed when the server is away, until it answers again', async () => {
    isAway = true;
    await ended();
    await answered();
    expect(model.trouble).toBe('it is away');
    expect(model.runs).toHaveLength(3);
    isAway = false;
    kept = [ran(4), ...kept];
    model.retry();
    await answered();
    expect(model.trouble).toBe('');
    expect(model.runs).toHaveLength(4);
  });

  it('that put out the same are told apart by their counts', async () => {
    kept = [ran(3, 'same'), ran(2, 'same'), ran(2, 'same', '019')];
    await ended();
    await answered();
    await edited({ outputs: text('same'), count: 2 });
    expect(model.runs.map(({ place }) => place)).toEqual([null, 'notebook', null]);
    await edited({ outputs: text('same'), count: null });
    expect(model.runs.map(({ place }) => place)).toEqual(['notebook', null, null]);
  });

  it('are listed with what the notebook has, when that is none of them', async () => {
    await edited({ outputs: text("nobody's"), count: null });
    expect(listed()[0]).toBe("[nobody's, notebook]");
    await edited({ outputs: [], count: null });
    expect(listed()[0]).toBe('[run 3]');
    await edited(null);
    expect(model.isGone).toBe(true);
  });
});

describe('Putting a run back', () => {
  const restore = async (id: string): Promise<IOutputs | null> => {
    const found = model.runs.find(({ run }) => run.id === id);
    const before = found ? await model.restore(found.run) : null;
    await jest.advanceTimersByTimeAsync(1000);
    return before;
  };

  it("keeps what was nobody's, before the server is asked again, and whatever it answers", async () => {
    await edited({ outputs: text("nobody's"), count: 7 });
    const before = await restore('011');
    expect(listed().slice(2)).toEqual(['run 1, notebook', "nobody's, replaced"]);
    await answered();
    expect(listed().slice(2)).toEqual(['run 1, notebook', "nobody's, replaced"]);
    expect(before && model.putBack(before)).not.toBeNull();
    expect(listed()[0]).toBe("[nobody's, notebook]");
    expect(model.runs).toHaveLength(4);
  });

  it("keeps what was nobody's when something else that was replaced comes back", async () => {
    await edited({ outputs: text('first'), count: null });
    await restore('011');
    await edited({ outputs: text('second'), count: null });
    await restore('replaced 0');
    expect(listed().filter(said => !said.includes('run'))).toEqual([
      '[first, notebook]',
      'second, replaced'
    ]);
  });

  it('keeps nothing twice: what was replaced before the server had it is listed as a run', async () => {
    await edited({ outputs: text('run 4'), count: 4 });
    await restore('011');
    kept = [ran(4), ...kept];
    await answered();
    await ended();
    await answered();
    expect(listed().filter(said => said.includes('run 4'))).toHaveLength(1);
  });

  it('is not done while the cell runs', async () => {
    await edited({ outputs: text("nobody's"), count: null });
    await restore('011');
    isRunning = true;
    expect(await restore('replaced 0')).toBeNull();
    expect(present?.count).toBe(1);
  });
});
