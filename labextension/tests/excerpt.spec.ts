import { excerptOfPage, excerptOfTable, excerptOfText } from '../src/excerpt';

const STYLE = '<style scoped="">.dataframe tbody tr th { vertical-align: top; }</style>';
const HEAD = `<thead>
    <tr style="text-align: right;"><th></th><th>a</th></tr>
    <tr><th>index</th><th></th></tr>
  </thead>`;

function row(number: number): string {
  return `    <tr>\n      <th>${number}</th>\n      <td>cell ${number}</td>\n    </tr>\n`;
}

function rows(count: number): string {
  return Array.from({ length: count }, (_, number) => row(number)).join('');
}

function frame(count: number): string {
  return `<div>\n${STYLE}\n<table border="1" class="dataframe">\n${HEAD}\n<tbody>\n${rows(count)}`;
}

/** What the excerpt says when it is in a page. */
function shown(html: string): Document {
  return new DOMParser().parseFromString(excerptOfTable(html)?.html ?? '', 'text/html');
}

describe('The excerpt of a table', () => {
  it('has its header, its styles and its first rows as they are', () => {
    const excerpt = excerptOfTable(frame(30));
    expect(excerpt?.rows).toBe(20);
    expect(excerpt?.html.replace(/\s+/g, '')).toBe(
      `${frame(20)}</tbody></table></div>`.replace(/\s+/g, '')
    );
  });

  it.each([
    ['in a cell', '<tr><th>7</th><td>half of it'],
    ['in a tag', '<tr><th>7</th><t'],
    ['in an attribute', '<tr><th>7</th><td title="ha'],
    ['in a character', '<tr><th>7</th><td>&am'],
    ['between cells', '<tr><th>7</th>\n  '],
    ['at the very beginning of a row', '<tr>']
  ])('leaves out the row that the beginning is cut %s of', (_, cut) => {
    const excerpt = excerptOfTable(frame(7) + cut);
    expect(excerpt?.rows).toBe(7);
    expect(excerpt?.html).not.toContain('<th>7</th>');
    expect(shown(frame(7) + cut).querySelectorAll('tbody tr')).toHaveLength(7);
  });

  it('has whole rows only, wherever the beginning is cut', () => {
    const whole = frame(5).replaceAll('cell', '&lt;cell&gt; <b title="x">bold</b>');
    for (let end = whole.indexOf('<th>3'); end < whole.length; end++) {
      const { body } = shown(whole.slice(0, end));
      const cells = [...body.querySelectorAll('td')].map(node => node.textContent);
      expect(cells).toEqual(cells.map((_, number) => `<cell> bold ${number}`));
      expect(cells.length).toBe(end < whole.indexOf('<tr>\n      <th>4') - 4 ? 3 : 4);
      expect(body.textContent.replaceAll('<cell>', '')).not.toContain('<');
    }
  });

  it('keeps the last row when the beginning is cut after it', () => {
    expect(excerptOfTable(frame(7))?.rows).toBe(7);
  });

  it('keeps the style sheet that stands before it, as a styled one has', () => {
    const html = excerptOfTable(
      `<style type="text/css">#T_1 td { color: red }</style><table id="T_1"><tbody>${rows(9)}`
    )?.html;
    expect(html).toMatch(
      /^<style type="text\/css">#T_1 td { color: red }<\/style><table id="T_1">/
    );
  });

  it('is of the table in the layout of a page', () => {
    const excerpt = excerptOfTable(`<table><tr><td>${frame(9)}`);
    expect(excerpt?.rows).toBe(9);
  });

  it('counts a table in a cell as a part of its row', () => {
    const inner = '<table><tr><td>1</td></tr><tr><td>2</td></tr></table>';
    const html = `<table><tbody>${`<tr><td>${inner}</td></tr>\n`.repeat(30)}`;
    expect(excerptOfTable(html)?.rows).toBe(20);
    expect(shown(html).querySelectorAll('tr')).toHaveLength(60);
  });

  it.each([
    ['in the header', '<table><thead><tr><th>a</th><th>'],
    ['in the first row', `<table>${HEAD}<tbody><tr><th>0</th><td>`],
    ['after the table', `<table><tr><td>small</td></tr></table><p>long text`],
    ['in its styles', `<style>#T_1 td { color: red } #T_`],
    ['and has no table', '<p>text</p><p>more'],
    ['and is empty', '']
  ])('does not exist when the beginning is cut %s', (_, html) => {
    expect(excerptOfTable(html)).toBeNull();
  });

  it('has nothing in it that does something', () => {
    const html = `<link rel="stylesheet" href="x.css"><base href="//x"><script>run()</script>
      <iframe src="x"></iframe><object data="x"></object><embed src="x">
      <table onmouseover="run()"><tbody><tr><td><img src="x" onerror="run()"><script>run()</script></td></tr>
      ${rows(30)}`;
    const { head, body } = shown(html);
    const left = [...head.querySelectorAll('*'), ...body.querySelectorAll('*')];
    expect(new Set(left.map(element => element.localName))).toEqual(
      new Set(['table', 'tbody', 'tr', 'td', 'th', 'img'])
    );
    expect(body.innerHTML).not.toContain('run');
  });
});

describe('The excerpt of a page', () => {
  it('is what a reader would see, by lines', () => {
    const html = `<title>no</title><style>p {}</style><h1>Report</h1><script>no()</script><p>first
      <b>words</b></p><ul><li>one</li><li>two</li></ul><table><tr><td>1</td><td>2</td></tr></table>`;
    expect(excerptOfPage(html)).toBe('Report\nfirst words\none\ntwo\n1 2\n…');
  });

  it('is empty when there is nothing to see', () => {
    expect(excerptOfPage('<div id="plot"></div><script>draw([1, 2')).toBe('');
  });
});

describe('The excerpt of a text', () => {
  it('has its first lines', () => {
    const text = Array.from({ length: 30 }, (_, number) => `line ${number}\n`).join('');
    expect(excerptOfText(text).split('\n')).toHaveLength(11);
  });

  it('has the beginning of a line that is long', () => {
    expect(excerptOfText('x'.repeat(100_000)).length).toBeLessThan(1000);
  });
});
