/** What can be shown of a text of which only the beginning is at hand. */

const MOST_ROWS = 20;
const MOST_LINES = 10;
const MOST_CHARACTERS = 500;

/** What does something, or is about the page: it would do it here with half of what it needs. */
const ACTIVE =
  'script, noscript, template, iframe, frame, object, embed, applet, link, meta, base, title';

/** What begins on a line of its own. */
const BLOCKS =
  'body, br, p, div, section, article, table, tr, li, dt, dd, pre, h1, h2, h3, h4, h5, h6';

/** The header and the first rows of a table, as HTML of their own. */
export interface ITableExcerpt {
  readonly html: string;
  readonly rows: number;
}

/**
 * The first rows of the table that goes on where the beginning of some HTML ends, and what is before it, styles and all;
 * null when there is no such table, or no row that is there whole.
 */
export function excerptOfTable(beginning: string): ITableExcerpt | null {
  const page = parse(withoutHalfATag(beginning));
  let last: Node = page.body;
  while (last.lastChild) {
    last = last.lastChild;
  }
  // Tables that only lay out a page have one row, which goes on as well.
  const open = [...page.querySelectorAll('table')].filter(table => table.contains(last));
  for (const table of open) {
    const rows = [...table.rows].filter(row => !row.closest('thead, tfoot'));
    const whole = rows.filter(row => !row.contains(last)).slice(0, MOST_ROWS);
    if (whole.length > 0) {
      for (const row of rows.slice(whole.length)) {
        row.remove();
      }
      quieten(page);
      return { html: page.head.innerHTML + page.body.innerHTML, rows: whole.length };
    }
  }
  return null;
}

/** Whether the beginning of some HTML has not come to the end of its style sheet, which may have rules for every cell. */
export function endsInStyles(beginning: string): boolean {
  return beginning.lastIndexOf('<style') > beginning.lastIndexOf('</style');
}

/** The first lines that a reader would see of some HTML; empty when there are none. */
export function excerptOfPage(beginning: string): string {
  const lines: string[] = [];
  let line = '';
  for (const piece of visibleText(parse(withoutHalfATag(beginning)).body)) {
    line += piece ?? '';
    if (piece === null && line.trim() !== '') {
      lines.push(line.replace(/\s+/g, ' ').trim());
      line = '';
    }
    if (lines.length > MOST_LINES) {
      break;
    }
  }
  return excerptOfText(lines.join('\n'));
}

/** The first lines of a text. */
export function excerptOfText(beginning: string): string {
  const lines = beginning.split('\n').slice(0, MOST_LINES);
  const short = lines.map(line =>
    line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)} …` : line
  );
  return beginning === '' ? '' : `${short.join('\n')}\n…`;
}

/** What a reader would see, with null where a line ends. */
function* visibleText(element: Element): Generator<string | null, void> {
  const isBlock = element.matches(BLOCKS);
  if (isBlock) {
    yield null;
  }
  for (const child of element.childNodes) {
    if (child instanceof Text) {
      yield child.data;
    } else if (child instanceof Element && !child.matches(`${ACTIVE}, style`)) {
      yield* visibleText(child);
    }
  }
  yield isBlock ? null : element.matches('td, th') ? ' ' : '';
}

/** Half a tag would be text, and text between the rows of a table is moved out of it. */
function withoutHalfATag(html: string): string {
  const start = html.lastIndexOf('<');
  return start > html.lastIndexOf('>') ? html.slice(0, start) : html;
}

/** Nothing in this page runs, and nothing is loaded for it. */
function parse(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

function quieten(page: Document): void {
  for (const element of page.querySelectorAll(ACTIVE)) {
    element.remove();
  }
  for (const element of page.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) {
      if (name.startsWith('on')) {
        element.removeAttribute(name);
      }
    }
  }
}
