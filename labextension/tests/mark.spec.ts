import { nullTranslator } from '@jupyterlab/translation';

import { RunCard } from '../src/runs/card';
import type { ICardContent } from '../src/runs/card_view';
import { Mark } from '../src/runs/mark';
import { parseExecution, type ICellRun } from '../src/runs/record';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const RECORD = {
  id: '01M80J06F5BDTBFN235QP9WK2W',
  cell: 'a',
  file_id: 'file',
  user: 'ada',
  via: 'endpoint',
  kernel_name: 'python3',
  status: 'ok',
  queued_at: '2026-01-01T12:00:00Z',
  started_at: '2026-01-01T12:00:01Z',
  ended_at: '2026-01-01T12:00:03Z'
};

const goTo = jest.fn();
const act = jest.fn();

function contentOf(changes: object = {}, more: Partial<ICellRun> = {}): ICardContent {
  const execution = parseExecution({ ...RECORD, ...changes });
  return {
    run: { cell: 'a', execution, stale: null, because: [], needs: [], ...more },
    runOf: () => undefined,
    now: NOON + 63_000,
    words: {
      trans: nullTranslator.load(''),
      locale: 'en',
      nameOf: user => user,
      cellName: cell => `[${cell}]`
    },
    goTo,
    actions: [{ label: 'Previous Runs', run: act }]
  };
}

const STALE: Partial<ICellRun> = { stale: 'upstream', because: ['b'] };

beforeEach(() => {
  jest.clearAllMocks();
});

describe('The mark of a cell', () => {
  it.each([
    ['ok', {}, {}, 'ok', '2s'],
    ['failed', { status: 'error' }, {}, 'failed', '2s'],
    ['ended', { status: 'timeout' }, {}, 'ended', '2s'],
    ['running', { status: 'running', ended_at: null }, {}, 'running', '1:02'],
    ['asking', { status: 'waiting-for-input', ended_at: null }, {}, 'asking', '1:02'],
    ['stale', {}, STALE, 'stale', 'stale'],
    ['running although stale', { status: 'running' }, STALE, 'running', '2s']
  ])('says %s at one glance', (_, changes, more, look, text) => {
    const mark = new Mark();
    mark.update(contentOf(changes, more));
    expect(mark.node.dataset.look).toBe(look);
    expect(mark.node.querySelector('.jp-CrdtRun-short')?.textContent).toBe(text);
    expect(mark.node.querySelector('svg')).not.toBeNull();
  });

  it('says all of it to who cannot see', () => {
    const mark = new Mark();
    mark.update(contentOf({}, STALE));
    expect(mark.node.getAttribute('aria-label')).toBe(
      'Stale: cell [b] has changed since. Ran in 2s. ada'
    );
  });

  it('leaves the page alone while nothing changes', () => {
    const mark = new Mark();
    mark.update(contentOf());
    const observer = new MutationObserver(() => undefined);
    observer.observe(mark.node, { attributes: true, childList: true, subtree: true });
    mark.update(contentOf());
    expect(
      observer.takeRecords().filter(({ attributeName }) => attributeName !== 'hidden')
    ).toEqual([]);
  });
});

describe('The card of a run', () => {
  function opened(content: ICardContent): { anchor: HTMLButtonElement; node: HTMLElement } {
    const anchor = document.createElement('button');
    document.body.replaceChildren(anchor);
    new RunCard().follow(anchor, () => content);
    anchor.click();
    const node = document.querySelector<HTMLElement>('.jp-CrdtRunCard');
    if (!node) {
      throw new Error('no card');
    }
    return { anchor, node };
  }

  it('has the rest of what is known', () => {
    const { node } = opened(contentOf({ parent: '01A' }));
    for (const text of ['Ran in 2s', 'ada', '1 min. ago', 'python3', RECORD.id, '01A', '1s']) {
      expect(node.textContent).toContain(text);
    }
  });

  it('leads to the cell that makes this one stale, and is gone then', () => {
    const { node } = opened(contentOf({}, STALE));
    const link = [...node.querySelectorAll('button')].find(
      ({ textContent }) => textContent === 'Go to [b]'
    );
    expect(document.activeElement).toBe(link);
    link?.click();
    expect(goTo).toHaveBeenCalledWith('b');
    expect(node.isConnected).toBe(false);
  });

  it('has what can be done', () => {
    const { node } = opened(contentOf());
    node.querySelector<HTMLElement>('.jp-CrdtRunCard-actions button')?.click();
    expect(act).toHaveBeenCalledTimes(1);
  });

  it('gives the focus back when Escape closes it', () => {
    const { anchor, node } = opened(contentOf());
    expect(anchor.getAttribute('aria-expanded')).toBe('true');
    node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    expect(node.isConnected).toBe(false);
    expect(document.activeElement).toBe(anchor);
    expect(anchor.getAttribute('aria-expanded')).toBe('false');
  });
});
