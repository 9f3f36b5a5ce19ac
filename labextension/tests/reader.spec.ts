import { ArtifactError } from '../src/artifacts';
import { StreamReader } from '../src/reader';
import { INDEX, LOG, numbered, TestStreams } from './streams';

let streams: TestStreams;
let reader: StreamReader;
let host: { refresh: jest.Mock; report: jest.Mock };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  streams = new TestStreams();
  host = { refresh: jest.fn(), report: jest.fn() };
  reader = new StreamReader(streams, LOG, host);
});

afterEach(() => {
  reader.dispose();
  jest.useRealTimers();
});

/** Let a time pass, and whatever it brings. */
async function pass(ms = 0): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

async function open(count: number, live = false): Promise<void> {
  streams.text = numbered(count);
  streams.live = live;
  await reader.load({});
  reader.isWatched = true;
  await pass();
}

function asked(): object[] {
  return streams.questions.splice(0).map(({ id: _id, signal: _signal, ...query }) => query);
}

describe('A long stream', () => {
  it('opens at its end', async () => {
    await open(100_000);
    expect([reader.buffer.end, reader.buffer.lines.at(-1)]).toEqual([100_000, 'line 99999']);
    expect(reader.state).toMatchObject({ total: 100_000, live: false });
  });

  it('that is complete is not asked for again', async () => {
    await open(1000);
    asked();
    await pass(60_000);
    expect(asked()).toEqual([]);
  });

  it('is read on both sides of what is in memory', async () => {
    await open(10_000);
    reader.extend('start');
    await pass();
    expect(reader.buffer.first).toBe(9000);
    reader.goTo(5000);
    await pass();
    const { end } = reader.buffer;
    reader.extend('end');
    await pass();
    expect(reader.buffer.end).toBe(end + 500);
    expect(reader.buffer.lines[0]).toBe(`line ${reader.buffer.first}`);
  });

  it('never has more in memory than a few thousand lines, wherever one goes', async () => {
    await open(50_000);
    for (let step = 0; step < 30; step++) {
      reader.extend('start');
      await pass();
    }
    expect(reader.buffer.first).toBe(50_000 - 31 * 500);
    expect(reader.buffer.lines.length).toBeLessThanOrEqual(2000);
  });

  it('has no gap where an answer holds less than was asked for', async () => {
    await open(10_000);
    streams.most = 40;
    reader.extend('start');
    await pass();
    expect(reader.buffer.first).toBeLessThan(9500);
    expect(reader.buffer.end).toBe(10_000);
  });

  it('goes to a line, and shows those around it', async () => {
    await open(10_000);
    reader.goTo(3000);
    await pass();
    expect(host.refresh).toHaveBeenLastCalledWith(3000);
    expect(reader.buffer.has(2950) && reader.buffer.has(3100)).toBe(true);
  });

  it('goes to a line whose neighbours are so long that they leave no room for it', async () => {
    await open(10_000);
    streams.most = 3;
    reader.goTo(3000);
    await pass();
    expect(host.refresh).toHaveBeenLastCalledWith(3000);
    expect(reader.buffer.has(3000)).toBe(true);
  });

  it.each([
    [-5, 0],
    [1e9, 9999]
  ])('goes to the nearest line when there is no line %d', async (line, nearest) => {
    await open(10_000);
    reader.goTo(line);
    await pass();
    expect(host.refresh).toHaveBeenLastCalledWith(nearest);
  });

  it('is asked for once when it is scrolled again before the answer', async () => {
    await open(10_000);
    asked();
    reader.extend('start');
    reader.extend('start');
    await pass();
    expect(asked()).toHaveLength(1);
  });
});

describe('A stream that is still being written', () => {
  it('is followed: what is new is asked for alone, and shown at the end', async () => {
    await open(1000, true);
    asked();
    streams.print('new');
    await pass();
    expect(reader.buffer.lines.at(-1)).toBe('new');
    expect(host.refresh).toHaveBeenLastCalledWith('end');
    await pass(200);
    expect(asked()).toEqual([{ from: 1000, count: 500, after: '1' }]);
  });

  it('shows a last line that changes', async () => {
    await open(10, true);
    streams.text[9] = '50 %';
    streams.change();
    await pass();
    expect(reader.buffer.lines.slice(-2)).toEqual(['line 8', '50 %']);
  });

  it('is left out in part when it comes too fast to be read', async () => {
    await open(1000, true);
    streams.text = numbered(101_000);
    streams.change();
    await pass();
    expect([reader.buffer.first, reader.buffer.end]).toEqual([100_500, 101_000]);
    expect(host.refresh).toHaveBeenCalledTimes(1);
  });

  it('has one question waiting at a time, and none when nobody looks', async () => {
    await open(10, true);
    await pass(1000);
    const waiting = streams.questions.filter(({ signal }) => signal && !signal.aborted);
    expect(waiting).toHaveLength(1);
    reader.isWatched = false;
    expect(waiting[0]?.signal?.aborted).toBe(true);
    asked();
    streams.print('unseen');
    await pass(60_000);
    expect(asked()).toEqual([]);
    reader.isWatched = true;
    await pass();
    expect(reader.buffer.lines.at(-1)).toBe('unseen');
  });

  it('is asked for no more when the viewer is gone', async () => {
    await open(10, true);
    const [question] = streams.questions.slice(-1);
    reader.dispose();
    expect(question?.signal?.aborted).toBe(true);
  });

  it('stays where one reads, but for its numbers, when one has gone back', async () => {
    await open(1000, true);
    asked();
    reader.follows = false;
    await pass();
    expect(asked()).toEqual([{ tail: 0, after: '0' }]);
    streams.print('one', 'two');
    await pass();
    expect(reader.state.total).toBe(1002);
    expect(reader.buffer.end).toBe(1000);
    expect(host.refresh).toHaveBeenLastCalledWith('place');
  });

  it('is followed again from its end', async () => {
    await open(1000, true);
    reader.follows = false;
    streams.print(...numbered(5000, 1000));
    await pass(1000);
    reader.goToEnd();
    await pass();
    expect([reader.follows, reader.buffer.end]).toEqual([true, 6000]);
    streams.print('new');
    await pass(200);
    expect(reader.buffer.lines.at(-1)).toBe('new');
  });

  it('is asked for no more when it is complete', async () => {
    await open(10, true);
    streams.end();
    await pass(1000);
    asked();
    await pass(60_000);
    expect(asked()).toEqual([]);
    expect(reader.state.live).toBe(false);
  });

  it('goes on under its other name from where one reads', async () => {
    await open(10_000, true);
    reader.goTo(100);
    await pass();
    const { first, end } = reader.buffer;
    streams.end();
    reader.continueAs(INDEX);
    await pass();
    expect([reader.buffer.first, reader.buffer.end]).toEqual([first, end]);
    expect(host.refresh).toHaveBeenLastCalledWith('place');
    reader.extend('end');
    await pass();
    expect(streams.questions.at(-1)).toMatchObject({ id: INDEX, from: end });
  });

  it('goes on under its other name from its end when it was followed', async () => {
    await open(1000, true);
    streams.text.push('the end');
    streams.live = false;
    reader.continueAs(INDEX);
    await pass();
    expect(reader.buffer.lines.at(-1)).toBe('the end');
    expect(host.refresh).toHaveBeenLastCalledWith('end');
  });
});

describe('Lines that cannot be had', () => {
  it('are told, can be tried again, and are well when they come', async () => {
    await open(10_000);
    const error = new ArtifactError('unavailable', LOG, 'HTTP 503');
    streams.errors = [error];
    reader.goTo(5);
    await pass();
    expect(host.report).toHaveBeenLastCalledWith(error, null);
    reader.retry();
    await pass();
    expect(host.report).toHaveBeenLastCalledWith(null, null);
    expect(host.refresh).toHaveBeenLastCalledWith(5);
  });

  it('end the following until it is tried again', async () => {
    await open(10, true);
    const error = new ArtifactError('missing', LOG, 'HTTP 404');
    streams.errors = [error];
    streams.print('one');
    await pass(200);
    expect(host.report).toHaveBeenLastCalledWith(error, null);
    streams.print('two');
    reader.retry();
    await pass(200);
    expect(host.report).toHaveBeenLastCalledWith(null, null);
    expect(reader.buffer.lines.at(-1)).toBe('two');
  });
});
