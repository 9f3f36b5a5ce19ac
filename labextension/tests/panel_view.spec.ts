import { nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { createElement } from 'react';

import { PanelView, type IPanelViewProps } from '../src/overview/panel_view';
import type { IStoredArtifact } from '../src/overview/stored_artifacts';
import type { Digest, Reference } from '../src/reference';

const CALM = { waiting: 0, trouble: '', used: null, quota: null };

let widget: Widget;
let done: string[];

/** Artifacts of 1, 2, 3 … bytes, in as many cells. */
function artifacts(count: number): IStoredArtifact[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index.toString(16).padStart(64, '0') as Digest,
    type: 'image/png',
    size: index + 1,
    reference: {} as Reference,
    place: { cellId: '', index, executionCount: index + 1, line: `plot(${index})` }
  }));
}

async function show(list: IStoredArtifact[], given: Partial<IPanelViewProps> = {}): Promise<void> {
  const note =
    (what: string) =>
    ({ place }: IStoredArtifact): void => {
      done.push(`${what} ${place.line}`);
    };
  widget = ReactWidget.create(
    createElement(PanelView, {
      hasNotebook: true,
      artifacts: { list, total: 5e6 },
      state: CALM,
      waiting: new Set<Digest>(),
      actions: { jump: note('jump'), download: note('download') },
      language: { trans: nullTranslator.load(''), locale: 'en' },
      ...given
    })
  );
  Widget.attach(widget, document.body);
  await drawn();
}

function drawn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 50));
}

function rows(): string[] {
  return [...widget.node.querySelectorAll('tbody tr')].map(row => row.textContent);
}

function button(text: string): HTMLButtonElement | undefined {
  const buttons = [...widget.node.querySelectorAll('button')];
  return buttons.find(({ textContent, title }) => textContent === text || title === text);
}

beforeEach(() => {
  done = [];
  // As the widget's own promise asks for it; jsdom has no idle time.
  Object.assign(globalThis, { requestIdleCallback: (call: () => void) => setTimeout(call) });
});

afterEach(() => {
  widget.dispose();
});

describe('The panel', () => {
  it.each([
    [false, 'Open a notebook to see its stored outputs.'],
    [true, 'No output of this notebook is large enough to be stored outside of it.']
  ])('without anything to list says why (in a notebook: %s)', async (hasNotebook, text) => {
    await show([], { hasNotebook });
    expect(widget.node.textContent).toBe(text);
  });

  it('draws the largest outputs of very many, and more when asked', async () => {
    await show(artifacts(450));
    expect(rows()).toHaveLength(200);
    expect(rows()[0]).toContain('[450] plot(449)');
    expect(widget.node.textContent).toContain('450 stored outputs, 5 MB');
    expect(widget.node.textContent).toContain('The 200 largest of 450.');
    button('List more')?.click();
    await drawn();
    button('List more')?.click();
    await drawn();
    expect(rows()).toHaveLength(450);
    expect(button('List more')).toBeUndefined();
  });

  it('leads to an output, and downloads it', async () => {
    await show(artifacts(1));
    button('Go to [1] plot(0)')?.click();
    button('Download')?.click();
    expect(done).toEqual(['jump plot(0)', 'download plot(0)']);
  });

  it('marks what is not yet stored', async () => {
    const [one, other] = artifacts(2);
    const waiting = new Set([one?.id as Digest]);
    await show([one, other] as IStoredArtifact[], { waiting, state: { ...CALM, waiting: 1 } });
    expect(rows().map(row => row.includes('not yet stored'))).toEqual([false, true]);
    expect(widget.node.textContent).toContain('1 output not yet stored. They are safe');
  });
});
