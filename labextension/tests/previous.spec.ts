import type { IOutput } from '@jupyterlab/nbformat';
import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';

import type { IArtifactClient } from '../src/artifacts';
import {
  areComparable,
  areEqual,
  comparableOf,
  type IComparable
} from '../src/previous/comparable';
import { makeChoices } from '../src/previous/elements';
import { drawFolded, folded } from '../src/previous/folding';
import { outputsOf, parseRun } from '../src/previous/runs';
import { diffTables, tableIn, type ITableDiff } from '../src/previous/table_diff';
import { diffTexts } from '../src/previous/text_diff';
import { detailsOf } from '../src/previous/wording';
import { REFERENCE_MIME_TYPE } from '../src/reference';

const rendermime = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
const DIGEST = 'a'.repeat(64);

describe('text', () => {
  /** As in a patch, with what was changed in a line in braces. */
  function patch(before: string, after: string): string[] {
    const signs = { same: ' ', removed: '-', added: '+' };
    return (diffTexts(before, after) ?? []).map(
      ({ change, pieces }) =>
        signs[change] + pieces.map(({ text, isMarked }) => (isMarked ? `{${text}}` : text)).join('')
    );
  }

  it('is compared line by line, and changed lines word by word', () => {
    expect(patch('a\nb\nc\n', 'a\nc\nd\n')).toEqual([' a', '-b', ' c', '+d']);
    expect(patch('x\nloss 0.5 now\n', 'x\nloss 0.25 now\n')).toEqual([
      ' x',
      '-loss 0.{5} now',
      '+loss 0.{25} now'
    ]);
  });

  it('has no line after its last line break, and all of its lines otherwise', () => {
    expect(patch('', '')).toEqual([]);
    expect(patch('a', 'a\n')).toEqual([' a']);
    expect(patch('', 'a\n\n')).toEqual(['+a', '+']);
    expect(patch('a\n', '')).toEqual(['-a']);
  });

  it('gives both texts again, whatever they are', () => {
    let seed = 7;
    const random = (most: number): number => (seed = (seed * 48271) % 2147483647) % most;
    const text = (): string =>
      Array.from({ length: random(9) }, () => 'ab c\n'[random(5)]).join('');
    for (let round = 0; round < 500; round++) {
      const [before, after] = [text(), text()];
      const lines = diffTexts(before, after) ?? [];
      for (const [whole, other] of [
        [before, 'added'],
        [after, 'removed']
      ] as const) {
        const given = lines
          .filter(({ change }) => change !== other)
          .map(({ pieces }) => `${pieces.map(piece => piece.text).join('')}\n`);
        expect(given.join('')).toBe(whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`);
      }
    }
  });

  it('shows three lines around what differs, and folds the rest', () => {
    const items = Array.from('.........x..........');
    const parts = folded(items, item => item === '.');
    expect(parts.map(part => (Array.isArray(part) ? part.join('') : part.hidden.length))).toEqual([
      6,
      '...',
      'x',
      '...',
      7
    ]);
    expect(folded(Array.from('..x..'), item => item === '.').flat()).toEqual(Array.from('..x..'));
  });

  it('gives what was folded when that is asked for, and the keyboard goes on from there', () => {
    const view = document.createElement('div');
    view.tabIndex = 0;
    const draw = (item: string): HTMLElement => {
      const line = document.createElement('p');
      line.textContent = item;
      return line;
    };
    const label = (count: number): string => `${count} more`;
    view.append(
      ...drawFolded(Array.from('0123456789x'), { isSame: item => item !== 'x', draw, label })
    );
    document.body.append(view);
    expect(view.textContent).toBe('7 more789x');
    view.querySelector('button')?.click();
    expect(view.textContent).toBe('0123456789x');
    expect(document.activeElement).toBe(view);
    view.remove();
  });
});

describe('a table', () => {
  function html(head: string[], ...rows: string[][]): string {
    const line = (cells: string[], tag: string): string =>
      `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
    const body = rows.map(row => line(row, 'td')).join('');
    return `<div><table><thead>${line(head, 'th')}</thead><tbody>${body}</tbody></table></div>`;
  }

  function diff(before: string, after: string): ITableDiff {
    const [one, other] = [tableIn(before), tableIn(after)];
    const found = one && other && diffTables(one, other);
    if (!found) {
      throw new Error('these are no tables');
    }
    return found;
  }

  function rows({ body }: ITableDiff): string[] {
    return body.map(({ change, cells }) => {
      const text = cells.map(({ before, after }) =>
        before === after ? before : `${before ?? ''}→${after ?? ''}`
      );
      return `${change}: ${text.join(' ')}`;
    });
  }

  it('is compared cell by cell', () => {
    const before = html(['', 'v'], ['a', '1'], ['b', '2'], ['c', '3']);
    const after = html(['', 'v'], ['a', '1'], ['b', '5'], ['d', '4'], ['c', '3']);
    expect(rows(diff(before, after))).toEqual([
      'same: a 1',
      'changed: b 2→5',
      'added: →d →4',
      'same: c 3'
    ]);
    expect(rows(diff(after, before)).slice(2, 3)).toEqual(['removed: d→ 4→']);
  });

  it('has its columns told apart by their heads', () => {
    const found = diff(html(['', 'v'], ['a', '1']), html(['', 'new', 'v'], ['a', '7', '1']));
    expect(rows(found)).toEqual(['changed: a →7 1']);
    expect(found.head[0]?.cells[1]).toEqual({ before: null, after: 'new' });
  });

  it('has its spans filled', () => {
    const spanning = '<table><tr><td rowspan=2>g</td><td>1</td></tr><tr><td>2</td></tr></table>';
    expect(tableIn(spanning)?.body).toEqual([
      ['g', '1'],
      ['g', '2']
    ]);
    const hostile = '<table><tr><td colspan=1000 rowspan=65000>x</td></tr><tr></tr></table>';
    expect(tableIn(hostile)?.body.map(row => row.length)).toEqual([1000, 1000]);
  });

  it('is none among several, and none that is huge', () => {
    expect(tableIn('<p>none</p>')).toBeNull();
    expect(tableIn(html(['a']) + html(['b']))).toBeNull();
    const wide = '<tr><td colspan=1000>x</td></tr>'.repeat(51);
    expect(tableIn(`<table>${wide}</table>`)).toBeNull();
  });

  it('gives nothing but its text, and runs nothing', () => {
    const global = globalThis as { hacked?: boolean };
    const bad = html(
      ['<img src=x onerror="hacked = true">h'],
      ['<script>globalThis.hacked = true</script><b>bold</b>']
    );
    const table = tableIn(bad);
    expect(table?.head).toEqual([['h']]);
    expect(table?.body[0]?.[0]).toContain('bold');
    expect(global.hacked).toBeUndefined();
  });
});

describe('an output', () => {
  const stored = (type: string, size: number): IOutput => ({
    output_type: 'display_data',
    data: {
      [REFERENCE_MIME_TYPE]: {
        kind: 'bundle',
        parts: { [type]: { sha256: DIGEST, size, encoding: 'base64' } }
      },
      'text/plain': 'beside'
    },
    metadata: {}
  });
  const client = {
    url: (digest: string, type: string) => `/artifacts/${digest}?type=${type}`
  } as unknown as IArtifactClient;
  const load = (output: IOutput): Promise<string> =>
    comparableOf(output, true, rendermime).load(client, {});

  it('is compared by what is shown of it', async () => {
    const stream = { output_type: 'stream', name: 'stdout', text: '\u001b[31mred\u001b[0m\n' };
    expect(comparableOf(stream, false, rendermime)).toMatchObject({
      kind: 'text',
      label: 'stdout'
    });
    expect(await load(stream)).toBe('red\n');
    const error = { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[1mE: v'] };
    expect(comparableOf(error, false, rendermime)).toMatchObject({ kind: 'text', label: 'E' });
    expect(await load(error)).toBe('E: v');
    const html = { output_type: 'display_data', data: { 'text/html': '<b>', 'text/plain': 'b' } };
    expect(comparableOf(html, true, rendermime).kind).toBe('html');
    const widget = { output_type: 'display_data', data: { 'application/x-unknown': {} } };
    expect(comparableOf(widget, true, rendermime).kind).toBe('other');
  });

  it('that is a picture has an address', async () => {
    expect(await load({ output_type: 'display_data', data: { 'image/png': 'QUJD\n' } })).toBe(
      'data:image/png;base64,QUJD'
    );
    const svg = { output_type: 'display_data', data: { 'image/svg+xml': '<svg>#' } };
    expect(await load(svg)).toBe('data:image/svg+xml,%3Csvg%3E%23');
    const picture = comparableOf(stored('image/png', 5000), true, rendermime);
    expect(picture).toMatchObject({ kind: 'image', size: 5000 });
    expect(await picture.load(client, {})).toBe(`/artifacts/${DIGEST}?type=image/png`);
  });

  it('is compared with one of its kind alone', () => {
    const of = (output: IOutput): IComparable => comparableOf(output, true, rendermime);
    const text = of({ output_type: 'stream', name: 'stdout', text: 'a' });
    const picture = of(stored('image/png', 1));
    const unknown = of({ output_type: 'display_data', data: { 'application/x-unknown': {} } });
    expect(areComparable(picture, picture)).toBe(true);
    expect(areComparable(text, picture)).toBe(false);
    expect(areComparable(unknown, unknown)).toBe(false);
    const index = { sha256: DIGEST, size: 9, encoding: 'json' };
    const stream = { kind: 'stream', name: 'stdout', index, size: 2e6 };
    const long = of({ output_type: 'display_data', data: { [REFERENCE_MIME_TYPE]: stream } });
    expect(long.kind).toBe('long text');
    expect(areComparable(long, long)).toBe(false);
  });

  it('is the same when only the number of its execution is another', () => {
    const one = {
      output_type: 'execute_result',
      execution_count: 1,
      data: { 'text/plain': '4' },
      metadata: {}
    };
    const other = { ...one, execution_count: 2 };
    expect(areEqual(one, other)).toBe(true);
    expect(areEqual(one, { ...other, data: { 'text/plain': '5' } })).toBe(false);
    expect(areEqual(one, null)).toBe(false);
  });
});

describe('what the server tells', () => {
  it('is a run, or nothing', () => {
    const execution = {
      id: 'X',
      user: 'ada',
      execution_count: 3,
      started_at: '2026-01-01T00:00:00Z'
    };
    expect(
      parseRun({ execution, outputs: [{ output_type: 'stream' }, 7], note: '' })
    ).toMatchObject({
      id: 'X',
      user: 'ada',
      count: 3,
      started: Date.UTC(2026, 0, 1),
      ended: null,
      outputs: [{ output_type: 'stream' }]
    });
    for (const value of [null, 7, {}, { execution: null }, { execution: { id: 7 } }]) {
      expect(parseRun(value)).toBeNull();
    }
    expect(outputsOf(null)).toBeNull();
  });

  it('names whoever ran it, and in quotes what that one says of himself', () => {
    const words = { trans: nullTranslator.load(''), userName: () => 'somebody' };
    const told = (more: object): string => {
      const run = parseRun({ execution: { id: 'X', user: 'f'.repeat(32), status: 'ok', ...more } });
      return run ? detailsOf(run, words) : '';
    };
    expect(told({})).toBe('somebody');
    expect(told({ claimed_name: 'Ada' })).toBe('somebody who goes by “Ada”');
  });
});

describe('choices', () => {
  it('are made with the arrow keys, too', () => {
    const chosen: string[] = [];
    const choices = (['a', 'b', 'c'] as const).map(value => ({ value, label: value }));
    const group = makeChoices('Which', choices, 'a', value => chosen.push(value));
    document.body.append(group);
    const buttons = [...group.querySelectorAll('button')];
    expect(buttons.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
    const press = (at: number, key: string): void => {
      buttons[at]?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    };
    press(0, 'ArrowRight');
    press(1, 'ArrowLeft');
    press(0, 'ArrowLeft');
    expect(chosen).toEqual(['b', 'a', 'c']);
    expect(buttons.map(button => button.getAttribute('aria-checked'))).toEqual([
      'false',
      'false',
      'true'
    ]);
    expect(document.activeElement).toBe(buttons[2]);
    group.remove();
  });
});
