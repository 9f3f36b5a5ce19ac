import type { CodeCell } from '@jupyterlab/cells';
import { nullTranslator } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import { NotebookRuns } from '../src/runs/notebook_runs';
import { Prompts } from '../src/runs/prompts';
import { Refusal } from '../src/runs/server';
import { PROMPT_SCHEMA } from '../src/runs/record';

const FRESHNESS = { fileId: 'file', runs: [] };

let cell: Panel;
let runs: NotebookRuns;
let prompts: Prompts;
let said: string[];
let answered: string[];
let refusal: Error | null;

async function start(isSecret = false, mayRun = true): Promise<void> {
  runs = new NotebookRuns({
    path: () => 'a.ipynb',
    server: { freshness: () => Promise.resolve(FRESHNESS) }
  });
  await runs.ask();
  prompts = new Prompts({
    runs,
    cellOf: id => (id === 'a' ? (cell as unknown as CodeCell) : undefined),
    say: text => said.push(text),
    server: {
      execution: () => Promise.resolve({ execution: null, prompt: { text: 'Word?', isSecret } }),
      mayRun: () => Promise.resolve(mayRun),
      answer: (_, value) => {
        answered.push(value);
        return refusal ? Promise.reject(refusal) : Promise.resolve();
      }
    },
    translator: nullTranslator,
    trans: nullTranslator.load('')
  });
  await hear(true);
}

async function hear(waiting: boolean): Promise<void> {
  runs.hear({ schema_id: PROMPT_SCHEMA, id: '01B', cell: 'a', file_id: 'file', waiting });
  await settled();
}

function settled(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve));
}

function field(): HTMLInputElement | null {
  return cell.node.querySelector('.jp-Stdin input');
}

async function type(text: string): Promise<void> {
  const input = field();
  if (input) {
    input.value = text;
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  }
  await settled();
}

beforeEach(() => {
  [said, answered, refusal] = [[], [], null];
  cell = new Panel();
  cell.addWidget(new Widget());
  Widget.attach(cell, document.body);
});

afterEach(() => {
  prompts.dispose();
  runs.dispose();
  cell.dispose();
});

describe('What a cell asks for', () => {
  it('is asked above the footer of the cell, and answered', async () => {
    await start();
    expect(cell.widgets[0]?.node.textContent).toContain('Word?');
    expect(field()?.type).toBe('text');
    await type('Ada');
    expect(answered).toEqual(['Ada']);
    expect(field()).toBeNull();
  });

  it('is typed unseen when it is a secret', async () => {
    await start(true);
    expect(field()?.type).toBe('password');
  });

  it('does not take the focus from where people type', async () => {
    const elsewhere = document.body.appendChild(document.createElement('input'));
    elsewhere.focus();
    await start();
    expect(field()).not.toBeNull();
    expect(document.activeElement).toBe(elsewhere);
    elsewhere.remove();
  });

  it('is gone when somebody else has answered, and there again for the next question', async () => {
    await start();
    await hear(false);
    expect(field()).toBeNull();
    await hear(true);
    expect(field()).not.toBeNull();
  });

  it('is gone with a sentence for who answers second', async () => {
    await start();
    refusal = new Refusal(409, 'asks for no input');
    await type('late');
    expect(field()).toBeNull();
    expect(said).toEqual([expect.stringContaining('quicker')]);
  });

  it('is asked again when the answer did not arrive', async () => {
    await start();
    refusal = new TypeError('away');
    await type('lost');
    expect(said).toEqual([expect.stringContaining('did not arrive')]);
    expect(field()?.value).toBe('');
  });

  it('can be read and not answered by who may not run cells', async () => {
    await start(false, false);
    expect(field()?.disabled).toBe(true);
  });
});
