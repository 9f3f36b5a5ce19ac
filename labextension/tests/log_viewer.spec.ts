import { Sanitizer } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { ArtifactError } from '../src/artifacts';
import type { ILogPreferences } from '../src/log_controls';
import { LogViewer } from '../src/log_viewer';
import type { ILongStreamReference } from '../src/reference';
import { Visibility } from '../src/visibility';
import { INDEX, LOG, numbered, settled, TestStreams } from './streams';

// A layout of thousands of lines takes its time on a busy machine.
jest.setTimeout(60_000);

const LINE_PX = 10;
const HEIGHT_PX = 100;

const COMPLETE: ILongStreamReference = { kind: 'long-stream', name: 'stdout', id: INDEX, size: 9 };
const LIVE: ILongStreamReference = { kind: 'long-stream', name: 'stdout', id: LOG, size: null };

let streams: TestStreams;
let viewer: LogViewer;
let preferences: ILogPreferences;

/** The children's places among each other, counted anew only when they have changed. */
function orderOf(parent: Element): ReadonlyMap<Node, number> {
  const { firstChild, lastChild, childNodes } = parent;
  const key = [firstChild, lastChild, childNodes.length];
  if (!key.every((value, index) => value === counted[index])) {
    order = new Map([...childNodes].map((node, index) => [node, index]));
    counted = key;
  }
  return order;
}

let counted: readonly unknown[] = [];
let order = new Map<Node, number>();

/** A layout, since jsdom has none: lines of one height, one below the other. */
function layOut(): void {
  const property = (name: string, get: (this: HTMLElement) => number): void => {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get });
  };
  const isLine = (node: HTMLElement): boolean => node.className === 'jp-CrdtLog-line';
  property('offsetTop', function () {
    const line = this.closest('.jp-CrdtLog-line');
    return line ? (orderOf(line.parentNode as Element).get(line) ?? 0) * LINE_PX : 0;
  });
  property('offsetHeight', function () {
    return isLine(this) ? LINE_PX : 0;
  });
  property('clientHeight', function () {
    return this.isConnected ? HEIGHT_PX : 0;
  });
  property('scrollHeight', function () {
    return (this.firstElementChild?.childNodes.length ?? 0) * LINE_PX;
  });
  const tops = new WeakMap<HTMLElement, number>();
  Object.defineProperty(HTMLElement.prototype, 'scrollTop', {
    configurable: true,
    get(this: HTMLElement) {
      return tops.get(this) ?? 0;
    },
    set(this: HTMLElement, top: number) {
      tops.set(this, Math.max(0, Math.min(top, this.scrollHeight - HEIGHT_PX)));
    }
  });
}

beforeEach(() => {
  layOut();
  streams = new TestStreams();
  preferences = { wrap: true };
});

afterEach(() => {
  viewer.dispose();
  for (const name of ['offsetTop', 'offsetHeight', 'clientHeight', 'scrollHeight', 'scrollTop']) {
    Reflect.deleteProperty(HTMLElement.prototype, name);
  }
});

function newViewer(reference: ILongStreamReference): LogViewer {
  return new LogViewer(reference, {
    streams,
    preferences,
    visibility: new Visibility(),
    trans: nullTranslator.load(''),
    locale: 'en',
    sanitizer: new Sanitizer(),
    mimeType: 'application/vnd.jupyter.stdout'
  });
}

async function open(count: number, reference = COMPLETE): Promise<void> {
  streams.text = numbered(count);
  streams.live = reference === LIVE;
  viewer = newViewer(reference);
  await viewer.load({});
  Widget.attach(viewer, document.body);
  await settled();
}

function get(selector: string): HTMLElement {
  const node = viewer.node.querySelector<HTMLElement>(selector);
  if (!node) {
    throw new Error(`no ${selector}`);
  }
  return node;
}

function region(): HTMLElement {
  return get('[role=log]');
}

function seen(): string[] {
  const start = Math.ceil(region().scrollTop / LINE_PX);
  const lines = [...get('.jp-CrdtLog-lines').childNodes];
  return lines
    .slice(start, start + HEIGHT_PX / LINE_PX)
    .map(({ textContent }) => textContent ?? '');
}

async function scroll(byPx: number): Promise<void> {
  region().scrollTop += byPx;
  region().dispatchEvent(new Event('scroll'));
  await settled();
}

async function press(label: string): Promise<void> {
  get(`[aria-label="${label}"]`).click();
  await settled();
}

function key(target: HTMLElement, key: string, fields: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...fields });
  target.dispatchEvent(event);
  return event;
}

async function find(text: string): Promise<void> {
  const input = get('[aria-label="Find in all of this output"]') as HTMLInputElement;
  input.value = text;
  key(input, 'Enter');
  await settled();
}

describe('The viewer', () => {
  it('opens at the end, and says where that is', async () => {
    await open(300_000);
    expect(seen().at(-1)).toBe('line 299999');
    expect(get('.jp-CrdtLog-status').textContent).toBe('Lines 299,991–300,000 of 300,000, 3 MB');
  });

  it('has few elements, however far one scrolls', async () => {
    await open(10_000);
    for (let step = 0; step < 8; step++) {
      await scroll(-5000);
    }
    expect(Number(seen()[0]?.split(' ')[1])).toBeLessThan(7000);
    expect(viewer.node.querySelectorAll('.jp-CrdtLog-line').length).toBeLessThanOrEqual(2000);
  });

  it('keeps in sight what is seen when more is loaded before it', async () => {
    await open(10_000);
    await scroll(-4850);
    const before = 10_000 - 500 + (500 * LINE_PX - HEIGHT_PX - 4850) / LINE_PX;
    expect(seen()[0]).toBe(`line ${before}`);
    expect(viewer.node.querySelectorAll('.jp-CrdtLog-line').length).toBeGreaterThan(900);
  });

  it('does not let the notebook scroll in its place while there is more to come', async () => {
    await open(600);
    expect(region().style.overscrollBehaviorY).toBe('');
    streams.errors = [new ArtifactError('unavailable', INDEX, 'HTTP 503')];
    await scroll(-4880);
    expect(region().style.overscrollBehaviorY).toBe('contain');
    viewer.node.querySelector<HTMLElement>('.jp-CrdtOutput-notice button')?.click();
    await settled();
    await scroll(-4880);
    expect(seen()[0]).toBe('line 0');
    expect(region().style.overscrollBehaviorY).toBe('');
  });

  it('goes to a line by its number, as it is written here or elsewhere', async () => {
    await open(10_000);
    const input = get('.jp-CrdtLog-lineInput') as HTMLInputElement;
    input.value = '2,001';
    key(input, 'Enter');
    await settled();
    expect(seen()).toContain('line 2000');
  });

  it('goes to the first and to the last line', async () => {
    await open(10_000);
    key(region(), 'Home');
    await settled();
    expect(seen()[0]).toBe('line 0');
    await press('Go to the Last Line');
    expect(seen().at(-1)).toBe('line 9999');
  });

  it('says of a line that is not whole how long it is, but not in what is copied', async () => {
    streams.clipped.set(999, 123_456);
    await open(1000);
    expect(get('[data-note]').dataset.note).toContain('123 kB');
    expect(get('[data-note]').textContent).toBe('line 999');
  });

  it('can be read by those who hear it', async () => {
    await open(1000);
    expect(region().tabIndex).toBe(0);
    expect(region().getAttribute('aria-label')).toBe('Text of stdout');
    expect(
      [...viewer.node.querySelectorAll('button, input')].map(
        node => node.ariaLabel ?? node.getAttribute('aria-label')
      )
    ).not.toContain(null);
  });

  it('wraps lines or not, and so does the next viewer', async () => {
    await open(1000);
    expect(region().classList.contains('jp-mod-wrap')).toBe(true);
    await press('Wrap Lines');
    expect(region().classList.contains('jp-mod-wrap')).toBe(false);
    expect(preferences.wrap).toBe(false);
  });

  it('copies the lines that are loaded, without their colours', async () => {
    const writeText = jest.fn(() => Promise.resolve());
    Object.assign(navigator.clipboard, { writeText });
    await open(0);
    streams.text = ['\x1b[31mred\x1b[0m', '', 'end'];
    viewer.continueAs(COMPLETE);
    await settled();
    await press('Copy the Loaded Lines');
    expect(writeText).toHaveBeenCalledWith('red\n\nend\n');
    expect(get('.jp-CrdtLog-told').textContent).toBe('3 lines copied');
  });

  it('tells what could not be had, and tries again', async () => {
    await open(10_000);
    streams.errors = [new ArtifactError('missing', INDEX, 'HTTP 404')];
    key(region(), 'Home');
    await settled();
    const notice = get('.jp-CrdtOutput-notice');
    expect(notice.dataset.kind).toBe('missing');
    expect(notice.querySelector('code')?.title).toBe(INDEX);
    notice.querySelector('button')?.click();
    await settled();
    expect(viewer.node.querySelector('.jp-CrdtOutput-notice')).toBeNull();
    expect(seen()[0]).toBe('line 0');
  });
});

describe('A stream that is written while it is read', () => {
  it('is followed', async () => {
    await open(1000, LIVE);
    expect(get('.jp-CrdtLog-state').textContent).toBe('Following');
    streams.print('new');
    await settled();
    expect(seen().at(-1)).toBe('new');
  });

  it('is no longer followed when one scrolls back, and is again at its end', async () => {
    await open(1000, LIVE);
    await scroll(-200);
    expect(get('.jp-CrdtLog-state').textContent).toBe('Still being written');
    await scroll(200);
    expect(get('.jp-CrdtLog-state').textContent).toBe('Following');
  });

  it('does not move what one reads', async () => {
    await open(1000, LIVE);
    await scroll(-200);
    const before = seen();
    streams.print('new');
    await settled();
    expect(seen()).toEqual(before);
  });

  it('is followed again by a button', async () => {
    await open(1000, LIVE);
    await scroll(-200);
    streams.print('new');
    await settled();
    await press('Go to the End and Follow');
    expect(seen().at(-1)).toBe('new');
    expect(get('.jp-CrdtLog-state').textContent).toBe('Following');
  });

  it('is asked for no more in a page that is hidden, and is when it is shown again', async () => {
    await open(10, LIVE);
    const { signal } = streams.questions.at(-1) ?? {};
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(signal?.aborted).toBe(true);
    streams.print('meanwhile');
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await settled();
    expect(seen()).toContain('meanwhile');
  });

  it('is where one left it when its viewer was out of the page', async () => {
    await open(10_000, LIVE);
    await scroll(-1000);
    const before = seen();
    Widget.detach(viewer);
    // A browser forgets how far it was scrolled.
    region().scrollTop = 0;
    Widget.attach(viewer, document.body);
    await settled();
    expect(seen()).toEqual(before);
  });

  it('is the same text under its other name, and another one is not', async () => {
    await open(10, LIVE);
    expect(viewer.isOf(COMPLETE)).toBe(true);
    expect(viewer.isOf({ ...COMPLETE, name: 'stderr' })).toBe(false);
    expect(viewer.isOf({ ...LIVE, id: 'c'.repeat(32) as typeof LOG })).toBe(false);
    viewer.continueAs(COMPLETE);
    expect(viewer.isOf({ ...COMPLETE, id: 'd'.repeat(64) as typeof INDEX })).toBe(false);
    expect(viewer.isOf(LIVE)).toBe(true);
  });
});

describe('Searching in a viewer', () => {
  beforeEach(() => {
    const hits = [100, 5000].map(line => ({ line, column: 0, length: 4 }));
    streams.found = [{ hits, count: 2, scanned: 1, size: 1 }];
  });

  it('shows the hit, and how many there are', async () => {
    await open(10_000);
    await find('line');
    expect(get('.jp-CrdtLog-count').textContent).toBe('1 of 2');
    expect(seen()).toContain('line 100');
    expect(get('.jp-mod-current').textContent).toBe('line');
    await press('Next Match');
    expect(seen()).toContain('line 5000');
    expect(get('.jp-CrdtLog-count').textContent).toBe('2 of 2');
  });

  it('goes on with Enter and back with Shift+Enter', async () => {
    await open(10_000);
    await find('line');
    await find('line');
    expect(seen()).toContain('line 5000');
    key(get('[aria-label="Find in all of this output"]'), 'Enter', { shiftKey: true });
    await settled();
    expect(seen()).toContain('line 100');
  });

  it('asks for case and expressions as the switches say', async () => {
    await open(10);
    await find('x');
    await press('Match Case');
    await press('Use Regular Expression');
    expect(streams.searches.map(({ query }) => query)).toEqual([
      { text: 'x', matchCase: false, regex: false },
      { text: 'x', matchCase: true, regex: false },
      { text: 'x', matchCase: true, regex: true }
    ]);
  });

  it('says that nothing was found, or why it cannot be searched for', async () => {
    await open(10);
    streams.found = [{ hits: [], count: 0, scanned: 1, size: 1 }];
    await find('x');
    expect(get('.jp-CrdtLog-count').textContent).toBe('Nothing found');
    streams.searchError = new Error('unbalanced (');
    await find('(');
    expect(get('.jp-CrdtLog-count').textContent).toBe('unbalanced (');
  });

  it('leaves nothing marked when it is closed, and ends at the server', async () => {
    await open(10_000);
    key(region(), 'f', { ctrlKey: true });
    await find('line');
    key(get('[aria-label="Find in all of this output"]'), 'Escape');
    expect(viewer.node.querySelector('mark')).toBeNull();
    expect(streams.searches[0]?.signal.aborted).toBe(true);
    expect(document.activeElement).toBe(region());
  });
});

describe('The keyboard in a viewer', () => {
  it.each([{ ctrlKey: true }, { metaKey: true }])('opens the search with F and %j', async accel => {
    await open(10);
    const event = key(region(), 'f', accel);
    expect(event.defaultPrevented).toBe(true);
    expect(document.activeElement).toBe(get('[aria-label="Find in all of this output"]'));
    expect(region().hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
  });

  it.each(['b', 'd', 'ArrowDown', 'Enter'])('keeps %s from JupyterLab', async name => {
    await open(10);
    key(region(), name);
    expect(region().hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
  });

  it.each([
    ['s', { ctrlKey: true }],
    ['Enter', { shiftKey: true }],
    ['Enter', { ctrlKey: true }],
    ['C', { ctrlKey: true, shiftKey: true }]
  ])('leaves %s with %j to JupyterLab', async (name, fields) => {
    await open(10);
    key(region(), name, fields);
    expect(region().hasAttribute('data-lm-suppress-shortcuts')).toBe(false);
  });

  it('goes back to the cell with Escape', async () => {
    await open(10);
    const cell = document.createElement('div');
    cell.className = 'jp-Cell';
    cell.tabIndex = -1;
    document.body.append(cell);
    Widget.detach(viewer);
    Widget.attach(viewer, cell);
    region().focus();
    key(region(), 'Escape');
    expect(document.activeElement).toBe(cell);
  });
});
