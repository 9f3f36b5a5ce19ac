import { Finder } from '../src/finder';
import type { IHit, ISearchProgress } from '../src/streams';
import { LOG, settled, TestStreams } from './streams';

const QUERY = { text: 'x', matchCase: false, regex: false };

let streams: TestStreams;
let finder: Finder;
let visited: number[];

beforeEach(() => {
  streams = new TestStreams();
  visited = [];
  finder = new Finder(streams, hit => {
    if (hit) {
      visited.push(hit.line);
    }
  });
});

function part(count: number, ...lines: number[]): ISearchProgress {
  const hits: IHit[] = lines.map(line => ({ line, column: 0, length: 1 }));
  return { hits, count, scanned: count, size: 100 };
}

describe('A search', () => {
  it('goes to the first hit from where it began', async () => {
    streams.found = [part(2, 1, 2), part(4, 50, 60)];
    await finder.find(LOG, QUERY, 40);
    expect(visited).toEqual([50]);
    expect([finder.position, finder.count, finder.state]).toEqual([3, 4, 'done']);
  });

  it('begins anew at the first line when there is nothing after', async () => {
    streams.found = [part(2, 1, 2)];
    await finder.find(LOG, QUERY, 40);
    expect(visited).toEqual([1]);
  });

  it('goes on and back, around the end', async () => {
    streams.found = [part(3, 1, 2, 3)];
    await finder.find(LOG, QUERY, 0);
    finder.step(1);
    finder.step(1);
    finder.step(1);
    finder.step(-1);
    expect(visited).toEqual([1, 2, 3, 1, 3]);
  });

  it('can be walked through before it is done', async () => {
    streams.found = [part(2, 1, 2), part(3, 3)];
    const search = finder.find(LOG, QUERY, 99);
    while (finder.count === 0) {
      await Promise.resolve();
    }
    expect(finder.state).toBe('searching');
    finder.step(1);
    expect(visited).toEqual([1]);
    await search;
    expect([visited, finder.position]).toEqual([[1], 1]);
  });

  it('counts more than it lists', async () => {
    streams.found = [part(10_000, 1), part(20_000)];
    await finder.find(LOG, QUERY, 0);
    expect([finder.count, finder.byLine.size]).toEqual([20_000, 1]);
  });

  it('has another list for a line when more is found there, so that it is drawn anew', async () => {
    streams.found = [part(1, 7), part(2, 7)];
    const lists: unknown[] = [];
    finder = new Finder(streams, () => lists.push(finder.byLine.get(7)));
    await finder.find(LOG, QUERY, 0);
    expect(new Set(lists.filter(Boolean)).size).toBe(2);
    expect(finder.byLine.get(7)).toHaveLength(2);
  });

  it('takes the place of the one before, which ends at the server', async () => {
    streams.found = [part(1, 1), part(2, 2)];
    const first = finder.find(LOG, QUERY, 0);
    streams.found = [part(1, 9)];
    await Promise.all([first, finder.find(LOG, { ...QUERY, text: 'y' }, 0)]);
    expect(streams.searches[0]?.signal.aborted).toBe(true);
    expect([...finder.byLine.keys()]).toEqual([9]);
  });

  it('for nothing asks for nothing, and forgets what was found', async () => {
    streams.found = [part(1, 1)];
    await finder.find(LOG, QUERY, 0);
    await finder.find(LOG, { ...QUERY, text: '' }, 0);
    expect(streams.searches).toHaveLength(1);
    expect([finder.state, finder.count, finder.current]).toEqual(['idle', 0, null]);
  });

  it('that fails says why', async () => {
    streams.searchError = new Error('unbalanced (');
    await finder.find(LOG, { ...QUERY, text: '(', regex: true }, 0);
    await settled();
    expect([finder.state, finder.error]).toEqual(['failed', streams.searchError]);
  });
});
