import { MimeModel, RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { nullTranslator } from '@jupyterlab/translation';
import type { PartialJSONObject } from '@lumino/coreutils';
import { Panel, Widget } from '@lumino/widgets';

import { ArtifactError } from '../src/artifacts';
import { ArtifactClient } from '../src/client';
import { Handover } from '../src/handover';
import type { LogViewer } from '../src/log_viewer';
import { REFERENCE_MIME_TYPE as REFERENCE, type Digest } from '../src/reference';
import { StoredOutput } from '../src/renderer';
import { Retries } from '../src/retries';
import { Settings } from '../src/settings';
import { Visibility } from '../src/visibility';
import { TestStore } from './store';
import { INDEX, LOG, numbered, TestStreams } from './streams';

const VEGA = 'application/vnd.vegalite.v5+json';

/** Scrolling, since jsdom has no layout. */
class TestIntersectionObserver {
  static readonly all: TestIntersectionObserver[] = [];

  constructor(
    private readonly _callback: IntersectionObserverCallback,
    readonly options: IntersectionObserverInit
  ) {
    TestIntersectionObserver.all.push(this);
  }

  observe(target: Element): void {
    this._targets.add(target);
  }

  unobserve(target: Element): void {
    this._targets.delete(target);
  }

  disconnect(): void {
    this._targets.clear();
  }

  static scrollTo(target: Element, isIntersecting = true): void {
    for (const observer of this.all) {
      if (observer._targets.has(target)) {
        const entry = { target, isIntersecting } as unknown as IntersectionObserverEntry;
        observer._callback([entry], observer as unknown as IntersectionObserver);
      }
    }
  }

  private readonly _targets = new Set<Element>();
}

/** Images on their way, since jsdom loads none. */
const images: HTMLImageElement[] = [];

function TestImage(): HTMLImageElement {
  const image = document.createElement('img');
  images.push(image);
  return image;
}

async function settleImage(type: 'load' | 'error'): Promise<void> {
  await until(() => images.length > 0);
  images.shift()?.dispatchEvent(new Event(type));
}

/** Writes a picture back, as JupyterLab's renderer of charts does. */
class WritingRenderer extends Widget implements IRenderMime.IRenderer {
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.node.textContent = JSON.stringify(model.data[VEGA]);
    model.setData({ data: { ...model.data, 'image/png': 'iVBO' } });
    return Promise.resolve();
  }
}

let store: TestStore;
let streams: TestStreams;
let rendermime: RenderMimeRegistry;
let settings: Settings;
let output: StoredOutput;
let written: jest.Mock;

beforeEach(async () => {
  Object.assign(globalThis, { IntersectionObserver: TestIntersectionObserver, Image: TestImage });
  images.length = 0;
  store = await TestStore.start();
  streams = new TestStreams();
  rendermime = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
  settings = new Settings();
  written = jest.fn();
  const context = {
    rendermime,
    settings,
    client: new ArtifactClient({ serverSettings: store.settings, retryDelaysMs: [1] }),
    streams,
    preferences: { wrap: true },
    handover: new Handover<LogViewer>(),
    trans: nullTranslator.load(''),
    visibility: new Visibility(),
    asked: new Set<Digest>(),
    missing: new Retries(),
    locale: 'en',
    download: jest.fn()
  };
  rendermime.addFactory(
    {
      safe: true,
      mimeTypes: [REFERENCE],
      createRenderer: options => (output = new StoredOutput(options, context))
    },
    -1000
  );
  rendermime.createRenderer(REFERENCE);
  Widget.attach(output, document.body);
});

afterEach(async () => {
  output.dispose();
  await store.stop();
});

function render(
  reference: PartialJSONObject,
  inline: PartialJSONObject = {},
  trusted = false
): Promise<void> {
  const data = { [REFERENCE]: reference, ...inline };
  return output.renderModel(new MimeModel({ data, trusted, callback: written }));
}

function bundle(parts: PartialJSONObject, others: PartialJSONObject = {}): PartialJSONObject {
  return { kind: 'bundle', parts, ...others };
}

function scrollTo(): void {
  TestIntersectionObserver.scrollTo(output.node);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}

function settled(): Promise<void> {
  return until(() => !['waiting', 'loading'].includes(output.node.dataset.state ?? ''));
}

async function show(): Promise<HTMLElement> {
  scrollTo();
  await settled();
  return output.main?.node ?? document.body;
}

function notice(): HTMLElement | null {
  return output.node.querySelector('.jp-CrdtOutput-notice');
}

function put(content: string, fields: object = {}, missing = false): PartialJSONObject {
  return store.put(content, fields, missing) as PartialJSONObject;
}

describe('The type that is shown', () => {
  it('is the best among stored and inline types', async () => {
    await render(bundle({ 'text/html': put('<b>stored</b>') }), { 'text/latex': 'inline' });
    expect((await show()).innerHTML).toContain('<b>stored</b>');
  });

  it('is an inline one without any request when that is better', async () => {
    await render(bundle({ 'text/latex': put('$x$') }), { 'text/html': '<i>inline</i>' });
    await settled();
    expect(output.main?.node.innerHTML).toContain('<i>inline</i>');
    expect(store.requests).toEqual([]);
  });

  it('is the text beside the reference only when nothing else can be shown', async () => {
    await render(bundle({ 'application/x-unknown': put('?') }), { 'text/plain': 'the text' });
    await settled();
    expect(output.main?.node.textContent).toBe('the text');
  });

  it('is the stored text when the text beside it is its preview', async () => {
    await render(bundle({ 'text/plain': put('the whole text') }), { 'text/plain': 'the …' });
    expect((await show()).textContent).toBe('the whole text');
  });

  it('is not an unsafe one in an untrusted notebook', async () => {
    await render(bundle({ 'image/svg+xml': put('<svg/>') }), { 'text/plain': 'a drawing' });
    await settled();
    expect(output.main?.node.textContent).toBe('a drawing');
    expect(store.requests).toEqual([]);
  });

  it('is an unsafe one in a trusted notebook', async () => {
    await render(bundle({ 'image/svg+xml': put('<svg/>') }), { 'text/plain': 'a drawing' }, true);
    scrollTo();
    await settleImage('load');
    await settled();
    expect(output.main?.node.className).toContain('jp-RenderedSVG');
  });

  it('follows when the notebook becomes trusted', async () => {
    const html = '<p onclick="run()">text</p>';
    const reference = bundle({ 'text/html': put(html) });
    await render(reference);
    expect((await show()).innerHTML).not.toContain('onclick');
    await render(reference, {}, true);
    expect((await show()).innerHTML).toContain('onclick');
  });

  it('is found with renderers that were registered after the output was made', async () => {
    rendermime.addFactory(
      { safe: true, mimeTypes: [VEGA], createRenderer: () => new WritingRenderer() },
      0
    );
    await render(bundle({ [VEGA]: put('{"mark":"bar"}', { encoding: 'json' }) }));
    expect((await show()).textContent).toBe('{"mark":"bar"}');
  });

  it('is never a reference again, whatever the document says', async () => {
    const stored = put(JSON.stringify({ kind: 'bundle' }), { encoding: 'json' });
    await render(bundle({ [REFERENCE]: stored }), { 'text/plain': 'text' });
    await settled();
    expect(output.main?.node.textContent).toBe('text');
  });

  it('of a stream is that of the stream', async () => {
    const reference = { kind: 'stream', name: 'stderr', segments: [put('a\x1b[31mb\x1b[0m')] };
    await render(reference, { 'text/plain': 'a…' });
    const node = await show();
    expect(node.dataset.mimeType).toBe('application/vnd.jupyter.stderr');
    expect(node.innerHTML).toContain('<span class="ansi-red-fg">b</span>');
  });

  it('of an error is its traceback', async () => {
    const value = { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['trace', 'E: v'] };
    const part = put(JSON.stringify(value), { encoding: 'json' });
    await render({ kind: 'error', ename: 'E', evalue: 'v', part }, { 'text/plain': 'E: v' });
    expect((await show()).textContent).toBe('trace\nE: v');
  });
});

describe('A reference that cannot be read', () => {
  it.each([
    ['of an unknown kind', { kind: 'hologram' }],
    [
      'with a path for a digest',
      bundle({ 'text/html': { sha256: '../../x', size: 1, encoding: 'utf-8' } })
    ],
    ['that is a number', 7]
  ])('%s shows the text beside it and asks for nothing', async (_, reference) => {
    await render(reference as PartialJSONObject, { 'text/plain': 'the text' });
    scrollTo();
    expect(output.main?.node.textContent).toBe('the text');
    expect(output.node.dataset.state).toBe('text');
    expect(store.requests).toEqual([]);
  });
});

describe('An output', () => {
  it('is not fetched before it comes near the visible part of the page', async () => {
    await render(bundle({ 'text/html': put('<b>far</b>') }), { 'text/plain': 'far' });
    TestIntersectionObserver.scrollTo(output.node, false);
    expect(output.node.dataset.state).toBe('waiting');
    expect(output.main?.node.textContent).toBe('far');
    await show();
    expect(store.requests).toHaveLength(1);
  });

  it('is looked out for with the margin that the user has set', async () => {
    settings.update({ prefetchMargin: 77 });
    await render(bundle({ 'text/html': put('a') }));
    const margins = TestIntersectionObserver.all.map(({ options }) => options.rootMargin);
    expect(margins).toContain('77px');
  });

  it('is shown at once in a second view when its bytes are at hand', async () => {
    const reference = bundle({ 'text/html': put('<b>seen</b>') });
    await render(reference);
    await show();
    const first = output;
    const second = rendermime.createRenderer(REFERENCE);
    await second.renderModel(new MimeModel({ data: { [REFERENCE]: reference } }));
    await settled();
    expect(output).not.toBe(first);
    expect(output.main?.node.innerHTML).toContain('<b>seen</b>');
    expect(store.requests).toHaveLength(1);
    first.dispose();
  });

  it('is not rendered again when nothing has changed', async () => {
    const reference = bundle({ 'text/html': put('<b>same</b>') });
    await render(reference);
    const node = await show();
    await render({ ...reference });
    expect(output.main?.node).toBe(node);
  });

  it('is never written back to the document', async () => {
    const factory = { safe: true, mimeTypes: [VEGA], createRenderer: () => new WritingRenderer() };
    rendermime.addFactory(factory, 0);
    await render(bundle({ [VEGA]: put('{}', { encoding: 'json' }) }));
    await show();
    expect(written).not.toHaveBeenCalled();
  });

  it('hands the original metadata to the renderer', async () => {
    const seen = jest.fn();
    class Renderer extends Widget implements IRenderMime.IRenderer {
      renderModel({ metadata }: IRenderMime.IMimeModel): Promise<void> {
        seen(metadata);
        return Promise.resolve();
      }
    }
    rendermime.addFactory(
      { safe: true, mimeTypes: [VEGA], createRenderer: () => new Renderer() },
      0
    );
    const metadata = { [VEGA]: { embed_options: { theme: 'dark' } } };
    await render(bundle({ [VEGA]: put('{}', { encoding: 'json' }) }, { metadata }));
    await show();
    expect(seen).toHaveBeenCalledWith(metadata);
  });

  it('has the class of outputs on the very node that shows it', async () => {
    await render(bundle({ 'text/html': put('<b>a</b>') }));
    // As JupyterLab does, after the first call.
    output.addClass('jp-OutputArea-output');
    expect(document.querySelector('.jp-OutputArea-output')).toBe(output.main?.node);
    await show();
    const marked = document.querySelectorAll('.jp-OutputArea-output');
    expect([...marked]).toEqual([output.main?.node]);
    expect(marked[0]?.className).toContain('jp-RenderedHTMLCommon');
  });

  it('that asked for isolation is shown in a frame that cannot reach the page', async () => {
    const metadata = { 'text/html': { isolated: true } };
    await render(bundle({ 'text/html': put('<b>apart</b>') }, { metadata }), {}, true);
    const frame = (await show()) as HTMLIFrameElement;
    await until(() => frame.srcdoc !== '');
    expect(frame.srcdoc).toContain('<b>apart</b>');
    expect(frame.getAttribute('sandbox')).toContain('allow-scripts');
    expect(frame.getAttribute('sandbox')).not.toContain('allow-same-origin');
  });

  it('that asked for isolation runs no script in an untrusted notebook', async () => {
    const metadata = { isolated: true };
    await render(bundle({ 'text/html': put('<b>apart</b>') }, { metadata }));
    const frame = (await show()) as HTMLIFrameElement;
    await until(() => frame.srcdoc !== '');
    expect(frame.getAttribute('sandbox')).not.toContain('allow-scripts');
  });

  it('tells its type and size in a badge, unless the user does not want it', async () => {
    await render(bundle({ 'text/html': put('x'.repeat(1234)) }));
    const badge = (): Element | null => output.node.querySelector('.jp-CrdtOutput-badge');
    expect(badge()?.getAttribute('data-label')).toBe('text/html, 1.23 kB');
    expect(badge()?.textContent).toBe('');
    settings.update({ badge: false });
    expect(badge()).toBeNull();
  });
});

describe('An image', () => {
  const METADATA = { 'image/png': { width: 320, unconfined: true }, needs_background: 'dark' };

  function image(others: PartialJSONObject = {}, missing = false): PartialJSONObject {
    const fields = { encoding: 'base64', width: 640, height: 480 };
    return bundle({ 'image/png': put('pixels', fields, missing) }, others);
  }

  it('has its room before it is there', async () => {
    await render(image(), { 'text/plain': 'a figure' });
    const box = output.main?.node.querySelector('span');
    expect(box?.style.getPropertyValue('--jp-crdt-width')).toBe('640px');
    expect(box?.style.getPropertyValue('--jp-crdt-ratio')).toBe('640 / 480');
    expect(box?.textContent).toBe('a figure');
  });

  it('has the room that its metadata asks for, in the proportions of its pixels', async () => {
    await render(image({ metadata: METADATA }));
    const box = output.main?.node.querySelector('span');
    expect(
      ['--jp-crdt-width', '--jp-crdt-ratio'].map(name => box?.style.getPropertyValue(name))
    ).toEqual(['320px', '320 / 240']);
  });

  it('is loaded by the browser and looks as JupyterLab’s own', async () => {
    await render(image({ metadata: METADATA }), { 'text/plain': 'a figure' });
    scrollTo();
    await settleImage('load');
    await settled();
    const node = output.main?.node;
    expect(node?.className).toContain('jp-RenderedImage');
    expect(node?.dataset.mimeType).toBe('image/png');
    expect(output.image?.src).toMatch(
      /\/user\/ada\/api\/crdt-outputs\/artifacts\/\w{64}\?type=image%2Fpng$/
    );
    expect(output.image?.alt).toBe('a figure');
    expect([output.image?.width, output.image?.getAttribute('height')]).toEqual([320, null]);
    expect([...(output.image?.classList ?? [])]).toEqual([
      'jp-needs-dark-background',
      'jp-mod-unconfined'
    ]);
  });

  it('that the browser could not load is fetched and given to JupyterLab’s renderer', async () => {
    await render(image());
    scrollTo();
    await settleImage('error');
    await settled();
    expect(output.image?.src).toBe(`data:image/png;base64,${btoa('pixels')}`);
  });

  it('that is missing keeps its room, shows its text and names its digest', async () => {
    await render(image({}, true), { 'text/plain': 'a figure' });
    scrollTo();
    await settleImage('error');
    await settled();
    expect(output.main?.node.textContent).toBe('a figure');
    const [digest] = output.plan?.parts.map(part => part.digest) ?? [];
    expect(notice()?.querySelector('code')?.title).toBe(digest);
    expect(notice()?.textContent).toContain('image/png, 6 bytes');
  });
});

describe('A failure', () => {
  it('never rejects, so that JupyterLab does not call it a JavaScript error', async () => {
    store.answers = [[404, '{}']];
    await expect(render(bundle({ 'text/html': put('a') }))).resolves.toBeUndefined();
  });

  it.each([
    ['missing', 404, '{"reason": "missing"}'],
    ['corrupt', 502, '{"reason": "corrupt"}'],
    ['forbidden', 403, '{}'],
    ['unavailable', 503, '{}']
  ])('of the kind %s is told beside the text, and can be retried', async (kind, status, body) => {
    store.answers = [[status, body]];
    await render(bundle({ 'text/html': put('<b>back</b>') }), { 'text/plain': 'the text' });
    expect((await show()).textContent).toBe('the text');
    expect(notice()?.dataset.kind).toBe(kind);
    expect(notice()?.getAttribute('role')).toBe('status');
    store.answers = [];
    notice()?.querySelector('button')?.click();
    await until(() => output.node.dataset.state === 'shown');
    expect(output.main?.node.innerHTML).toContain('<b>back</b>');
    expect(notice()).toBeNull();
  });

  it('to find it is told with the command that brings it from another server', async () => {
    await render(bundle({ 'text/html': put('<b>far</b>', {}, true) }), { 'text/plain': 'text' });
    await show();
    expect(notice()?.textContent).toContain('text/html, 10 bytes');
    expect(notice()?.textContent).toContain('jupyter crdt-outputs pull');
  });

  it('to find it is over for all outputs when one of them is retried', async () => {
    store.answers = [
      [404, '{"reason": "missing"}'],
      [404, '{"reason": "missing"}']
    ];
    const first = output;
    rendermime.createRenderer(REFERENCE);
    const second = output;
    Widget.attach(second, document.body);
    for (const each of [first, second]) {
      output = each;
      await render(bundle({ 'text/html': put(each === first ? 'one' : 'two') }));
      await show();
      expect(notice()?.dataset.kind).toBe('missing');
    }
    store.answers = [];
    first.node.querySelector<HTMLElement>('.jp-CrdtOutput-button')?.click();
    await until(() => [first, second].every(each => each.node.dataset.state === 'shown'));
    expect(first.node.textContent + second.node.textContent).toBe('onetwo');
    first.dispose();
  });

  it('that lasts for ever is told in the words of the server, and cannot be retried', async () => {
    store.answers = [
      [410, '{"message": "removed on 2026-01-02: by ada", "reason": "ArtifactRemoved"}']
    ];
    await render(bundle({ 'text/html': put('<b>secret</b>') }), { 'text/plain': 'the text' });
    expect((await show()).textContent).toBe('the text');
    expect(notice()?.textContent).toBe(
      'This output (text/html, 13 bytes) is gone: removed on 2026-01-02: by ada'
    );
    expect(notice()?.querySelector('button')).toBeNull();
    expect(store.requests).toHaveLength(1);
  });

  it('that does not last is retried without being asked', async () => {
    store.answers = [
      [503, '{}'],
      [200, '']
    ];
    await render(bundle({ 'text/html': put('<b>back</b>') }));
    expect((await show()).innerHTML).toContain('<b>back</b>');
    expect(notice()).toBeNull();
  });

  it('to read what is stored is told, too', async () => {
    await render(bundle({ [VEGA]: put('{', { encoding: 'json' }) }), { 'text/plain': 'chart' });
    rendermime.addFactory(
      { safe: true, mimeTypes: [VEGA], createRenderer: () => new WritingRenderer() },
      0
    );
    await render(bundle({ [VEGA]: put('{', { encoding: 'json' }) }), { 'text/plain': 'a chart' });
    expect((await show()).textContent).toBe('a chart');
    expect(notice()?.dataset.kind).toBe('unreadable');
  });

  it('after the output is gone is nobody’s concern', async () => {
    store.answers = [[404, '{}']];
    await render(bundle({ 'text/html': put('a') }));
    scrollTo();
    output.dispose();
    await until(() => store.requests.length > 0);
    expect(output.isDisposed).toBe(true);
  });
});

describe('A very large output', () => {
  function press(label: string): void {
    const buttons = [...(notice()?.querySelectorAll('button') ?? [])];
    buttons.find(button => button.textContent === label)?.click();
  }

  it('shows its preview until it is asked for', async () => {
    settings.update({ largestUnaskedMB: 0.000_005 });
    const reference = { kind: 'stream', name: 'stdout', segments: [put('a long text')] };
    await render(reference, { 'text/plain': 'a … text' });
    expect((await show()).textContent).toBe('a … text');
    expect(notice()?.dataset.kind).toBe('large');
    expect(store.requests).toEqual([]);
    press('Show all');
    await until(() => output.node.dataset.state === 'shown');
    expect(output.main?.node.textContent).toBe('a long text');
  });

  it('that draws a chart from JSON may be larger than one that is JSON', async () => {
    settings.update({ largestJsonMB: 0.000_005 });
    const factory = { safe: true, mimeTypes: [VEGA], createRenderer: () => new WritingRenderer() };
    rendermime.addFactory(factory, 0);
    await render(bundle({ [VEGA]: put('{"mark":"bar"}', { encoding: 'json' }) }));
    expect((await show()).textContent).toBe('{"mark":"bar"}');
  });

  describe('of JSON', () => {
    const JSON_TYPES = ['application/json', 'application/ld+json'];

    beforeEach(() => {
      settings.update({ largestJsonMB: 0.000_005 });
      const factory = {
        safe: true,
        mimeTypes: JSON_TYPES,
        createRenderer: () => new WritingRenderer()
      };
      rendermime.addFactory(factory, 0);
    });

    it.each(JSON_TYPES)('shows the text beside it without any request: %s', async type => {
      const reference = bundle({ [type]: put('[1, 2, 3]', { encoding: 'json' }) });
      await render(reference, { 'text/plain': 'three numbers' });
      expect((await show()).textContent).toBe('three numbers');
      expect(notice()?.dataset.kind).toBe('large');
      expect(store.requests).toEqual([]);
    });

    it.each([
      ['is a name only', '<IPython.core.display.JSON object>', {}],
      ['was written by the server', '[application/json, 9 B]', { preview: true }]
    ])('shows its beginning when the text beside it %s', async (_, text, others) => {
      const part = put('[\n' + '1,\n'.repeat(200_000) + '1]', { encoding: 'json' });
      await render(bundle({ 'application/json': part }, others), { 'text/plain': text });
      expect((await show()).textContent).toBe('[\n' + '1,\n'.repeat(9) + '…');
      expect(store.sent).toBeLessThan(200_000);
    });
  });

  describe('of HTML', () => {
    const rows = (count: number): string =>
      Array.from({ length: count }, (_, n) => `<tr><th>${n}</th><td>value ${n}</td></tr>\n`).join(
        ''
      );
    const table = `<div><table class="dataframe"><thead><tr><th></th><th>a</th></tr></thead>\n<tbody>${rows(5000)}</tbody></table></div>`;

    beforeEach(() => {
      settings.update({ largestTableMB: 0.15 });
    });

    it('shows the first rows of a table until all are asked for', async () => {
      await render(bundle({ 'text/html': put(table) }), { 'text/plain': 'a table' });
      const node = await show();
      expect(output.node.dataset.state).toBe('held');
      expect(node.dataset.mimeType).toBe('text/html');
      expect(node.querySelectorAll('thead tr')).toHaveLength(1);
      expect(node.querySelectorAll('tbody tr')).toHaveLength(20);
      expect(notice()?.textContent).toMatch(/^First 20 rows of a table of 2\d\d kB\./);
      expect(store.sent).toBeLessThan(200_000);
      press('Show all');
      await until(() => output.node.dataset.state === 'shown');
      expect(output.main?.node.querySelectorAll('tbody tr')).toHaveLength(5000);
      expect(notice()).toBeNull();
    });

    it('goes on showing its first rows while the others are on their way', async () => {
      await render(bundle({ 'text/html': put(table) }), { 'text/plain': 'a table' });
      const node = await show();
      press('Show all');
      expect(output.node.dataset.state).toBe('loading');
      expect(output.main?.node).toBe(node);
    });

    it('keeps its height until all is there, so that the page has no reason to scroll', async () => {
      await render(bundle({ 'text/html': put(table) }), { 'text/plain': 'a table' });
      await show();
      Object.defineProperty(output.node, 'offsetHeight', { value: 777 });
      press('Show all');
      expect(output.node.style.minHeight).toBe('777px');
      await until(() => output.node.dataset.state === 'shown');
      await until(() => output.node.style.minHeight === '');
    });

    it('stays whole in other views once it was asked for', async () => {
      const reference = bundle({ 'text/html': put(table) });
      await render(reference, { 'text/plain': 'a table' });
      await show();
      press('Show all');
      await until(() => output.node.dataset.state === 'shown');
      output.dispose();
      rendermime.createRenderer(REFERENCE);
      await render(reference, { 'text/plain': 'a table' });
      Widget.attach(output, document.body);
      expect((await show()).querySelectorAll('tbody tr')).toHaveLength(5000);
    });

    it('is held back from the size on that the user has set', async () => {
      settings.update({ largestTableMB: 10 });
      await render(bundle({ 'text/html': put(table) }));
      await show();
      expect(output.node.dataset.state).toBe('shown');
    });

    it('shows the first rows of a table that has styles for every cell', async () => {
      const styles = Array.from({ length: 5000 }, (_, n) => `#T_row${n}_col0 { color: #123456 }\n`);
      await render(bundle({ 'text/html': put(`<style>${styles.join('')}</style>${table}`) }));
      expect((await show()).querySelectorAll('tbody tr')).toHaveLength(20);
    });

    it('goes through the sanitizer in an untrusted notebook', async () => {
      const html = table.replace('value 0', '<b onclick="run()">value</b><dialog></dialog>');
      await render(bundle({ 'text/html': put(html) }));
      const node = await show();
      expect(node.querySelector('b')?.outerHTML).toBe('<b>value</b>');
      expect(node.querySelector('dialog')).toBeNull();
    });

    it.each([
      ['with', { 'text/plain': 'a report' }],
      ['without', {}]
    ])(
      'is shown as in stock JupyterLab when it is no table, %s a text beside it',
      async (_, text) => {
        const html = `<p>some words</p>${'<p>more</p>'.repeat(20_000)}`;
        await render(bundle({ 'text/html': put(html) }), text);
        expect((await show()).querySelectorAll('p')).toHaveLength(20_001);
        expect(output.node.dataset.state).toBe('shown');
        expect(notice()).toBeNull();
      }
    );

    it('shows the text beside it when it is no table and too large for anything', async () => {
      settings.update({ largestUnaskedMB: 0.15 });
      const html = `<p>some words</p>${'<p>more</p>'.repeat(20_000)}`;
      await render(bundle({ 'text/html': put(html) }), { 'text/plain': 'a report' });
      expect((await show()).textContent).toBe('a report');
      expect(notice()?.textContent).toContain('Only a preview of this output');
    });

    it('shows the first words of a large page when there is no text beside it', async () => {
      settings.update({ largestUnaskedMB: 0.15 });
      const html = `<style>p { color: red }</style><p>some words</p>${'<p>more</p>'.repeat(20_000)}`;
      await render(bundle({ 'text/html': put(html) }, { preview: true }), { 'text/plain': '[…]' });
      expect((await show()).textContent).toMatch(/^some words\nmore\nmore\n/);
    });

    it.each([
      ['is missing', 404, '{"reason": "missing"}'],
      ['cannot be fetched now', 503, '{}']
    ])('shows the text and its button when its beginning %s', async (_, status, body) => {
      settings.update({ largestUnaskedMB: 0.15 });
      store.answers = [[status, body]];
      await render(bundle({ 'text/html': put(table) }), { 'text/plain': 'a table' });
      expect((await show()).textContent).toBe('a table');
      expect(notice()?.dataset.kind).toBe('large');
      store.answers = [];
      press('Show all');
      await until(() => output.node.dataset.state === 'shown');
      expect(output.main?.node.querySelectorAll('tbody tr')).toHaveLength(5000);
    });

    it('that asked for isolation is shown in part in its frame, too', async () => {
      await render(bundle({ 'text/html': put(table) }, { metadata: { isolated: true } }));
      const frame = (await show()) as HTMLIFrameElement;
      await until(() => frame.srcdoc !== '');
      expect(frame.srcdoc).toContain('value 19<');
      expect(frame.srcdoc).not.toContain('value 20<');
    });
  });
});

describe('A long stream', () => {
  const log = { kind: 'stream', name: 'stderr', log: LOG };
  const index = {
    kind: 'stream',
    name: 'stderr',
    index: { sha256: INDEX, size: 5, encoding: 'json' },
    size: 5_000_000,
    lines: 1000
  };

  /** An output area with one output, as JupyterLab makes them. */
  async function add(reference: PartialJSONObject, area: Panel): Promise<StoredOutput> {
    rendermime.createRenderer(REFERENCE);
    await render(reference, { 'text/plain': 'line 0\n…' });
    const child = new Panel();
    child.addClass('jp-OutputArea-child');
    child.addWidget(output);
    area.addWidget(child);
    return output;
  }

  beforeEach(() => {
    streams.text = numbered(1000);
  });

  it('is not asked for before it comes near, and shows its text until it is there', async () => {
    await render(index, { 'text/plain': 'line 0\n…' });
    expect(output.main?.node.textContent).toBe('line 0\n…');
    expect(streams.questions).toHaveLength(0);
    const node = await show();
    expect(node.className).toContain('jp-CrdtLog');
    expect(node.textContent).toContain('line 999');
  });

  it('looks like what it is', async () => {
    await render(index);
    const node = await show();
    expect(node.dataset.mimeType).toBe('application/vnd.jupyter.stderr');
    expect(node.classList.contains('jp-RenderedText')).toBe(true);
  });

  it('is never too large to be shown', async () => {
    settings.update({ largestUnaskedMB: 0 });
    await render(index);
    await show();
    expect(output.node.dataset.state).toBe('shown');
  });

  it('that is missing shows its text and names what is missing', async () => {
    streams.errors = [new ArtifactError('missing', LOG, 'HTTP 404')];
    await render(log, { 'text/plain': 'line 0\n…' });
    expect((await show()).textContent).toBe('line 0\n…');
    expect(notice()?.querySelector('code')?.title).toBe(LOG);
  });

  it('keeps its viewer when JupyterLab replaces the output at the end of the run', async () => {
    const area = new Panel();
    Widget.attach(area, document.body);
    const before = await add(log, area);
    const node = await show();
    before.parent?.dispose();
    const after = await add(index, area);
    expect(after).not.toBe(before);
    expect(after.main?.node).toBe(node);
    expect(after.node.dataset.state).toBe('shown');
    await until(() => streams.questions.at(-1)?.id === INDEX);
    area.dispose();
  });

  it('keeps its viewer when the reference changes in place', async () => {
    await render(log);
    const node = await show();
    await render(index);
    expect(output.main?.node).toBe(node);
  });

  it('has a viewer of its own when the cell is run again', async () => {
    const area = new Panel();
    Widget.attach(area, document.body);
    await add(index, area);
    const node = await show();
    output.parent?.dispose();
    await add({ ...index, index: { ...index.index, sha256: 'c'.repeat(64) } }, area);
    expect(output.main?.node).not.toBe(node);
    area.dispose();
  });

  it('leaves nothing behind when its output is gone', async () => {
    const area = new Panel();
    Widget.attach(area, document.body);
    await add(log, area);
    await show();
    const viewer = output.main;
    jest.useFakeTimers();
    area.dispose();
    expect(viewer?.isDisposed).toBe(false);
    jest.advanceTimersByTime(5000);
    expect(viewer?.isDisposed).toBe(true);
    jest.useRealTimers();
  });
});
