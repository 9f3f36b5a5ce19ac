import { Sanitizer } from '@jupyterlab/apputils';

import { drawLine, styleAfter } from '../src/line_view';
import type { IHit } from '../src/streams';

function draw(text: string, hits: readonly IHit[] = [], current: IHit | null = null): HTMLElement {
  return drawLine({ text, style: '', hits, current }, new Sanitizer());
}

function hit(column: number, length: number): IHit {
  return { line: 0, column, length };
}

function marked(node: HTMLElement): string[] {
  return [...node.querySelectorAll('mark')].map(mark => mark.textContent);
}

describe('A line', () => {
  it('has JupyterLab’s colours', () => {
    expect(draw('a\x1b[31mb\x1b[0m').innerHTML).toBe('a<span class="ansi-red-fg">b</span>');
  });

  it.each(['<img src=x onerror=run()>', '\x1b[31m<b>bold</b>', '&amp;<script>run()</script>'])(
    'shows %j as text',
    text => {
      const node = draw(text);
      expect(node.textContent).toBe(text.replace('\x1b[31m', ''));
      expect(node.querySelector('img, b, script')).toBeNull();
    }
  );

  it('links to the web', () => {
    const link = draw('see https://example.org/a, or not').querySelector('a');
    expect(link?.href).toBe('https://example.org/a');
    expect(link?.textContent).toBe('https://example.org/a');
  });

  it.each(['javascript://x%0arun()', 'data:text/html,<b>x</b>', 'vscode://file/etc/passwd'])(
    'does not link to %s',
    text => {
      const node = draw(`${text} and www.example.org`);
      expect([...node.querySelectorAll('a')].map(({ href }) => href)).toEqual([
        'https://www.example.org/'
      ]);
      expect(node.textContent).toBe(`${text} and www.example.org`);
    }
  );

  it('that is empty has a height, and is one line in what is copied', () => {
    expect(draw('').innerHTML).toBe('<br>');
    expect(draw('\x1b[0m').innerHTML).toBe('<br>');
  });

  it('obeys carriage returns as JupyterLab does', () => {
    expect(draw('10 %\r20 %').textContent).toBe('20 %');
  });
});

describe('What was found', () => {
  it('is marked, and the one that the reader is at in another way', () => {
    const [one, two] = [hit(0, 2), hit(3, 2)];
    const node = draw('ab ab', [one, two], two);
    expect(marked(node)).toEqual(['ab', 'ab']);
    expect(node.querySelector('.jp-mod-current')).toBe(node.querySelectorAll('mark')[1]);
  });

  it('is marked where it is among colours, which count in its column', () => {
    const text = '\x1b[1;32mgreen\x1b[0m and \x1b[31mred\x1b[0m';
    const node = draw(text, [hit(text.indexOf('and'), 3)]);
    expect(marked(node)).toEqual(['and']);
    expect(marked(draw(text, [hit(text.indexOf('een'), 2)]))).toEqual(['ee']);
  });

  it('is marked across the end of a colour', () => {
    const text = '\x1b[31mred\x1b[0m and';
    expect(marked(draw(text, [hit(5, 'red\x1b[0m and'.length)]))).toEqual(['red', ' and']);
  });

  it('is marked in columns of UTF-16 units', () => {
    expect(marked(draw('🪐🪐x', [hit(4, 1)]))).toEqual(['x']);
  });

  it('marks all of a line that is not shown as it was printed', () => {
    expect(marked(draw('10 %\r20 %', [hit(0, 2)]))).toEqual(['20 %']);
  });
});

describe('A colour', () => {
  it('goes on over the end of a line', () => {
    const style = styleAfter('\x1b[31mred', '');
    const node = drawLine({ text: 'still', style, hits: [], current: null }, new Sanitizer());
    expect(node.innerHTML).toBe('<span class="ansi-red-fg">still</span>');
  });

  it.each([
    ['a reset', '\x1b[31mred\x1b[0m'],
    ['a short reset', '\x1b[31mred\x1b[m'],
    ['the end of its kind', '\x1b[38;5;9mred\x1b[39m'],
    ['the ends of several kinds', '\x1b[1m\x1b[31mred\x1b[39m\x1b[22m']
  ])('ends with %s', (_, text) => {
    expect(styleAfter(text, '')).toBe('');
  });

  it('outlives the end of another kind', () => {
    expect(styleAfter('\x1b[1mbold \x1b[31mred\x1b[39m', '')).toBe('\x1b[1m');
  });

  it('is not taken along without end', () => {
    const style = Array.from({ length: 1000 }, () => '\x1b[31m').reduce(
      (s, t) => styleAfter(t, s),
      ''
    );
    expect(style.length).toBeLessThan(100);
  });
});
