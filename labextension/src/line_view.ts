/** How one line of a long stream looks: JupyterLab's rendering of text, with what was found marked. */
import { renderText } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { settle } from './content';
import type { IHit } from './streams';

/** What `renderText` takes for an escape sequence. */
const ESCAPES = /\x1b\[.*?[@-~]/g;

/** Everything else looks the same without `renderText`, which takes its time. */
const NEEDS_RENDERING = /\x1b|:\/\/|www\./;

export interface ILine {
  readonly text: string;
  /** The escape sequences that are in force where the line begins. */
  readonly style: string;
  readonly hits: readonly IHit[];
  /** The one of the hits that the reader was brought to. */
  readonly current: IHit | null;
}

/** What a sequence ends, of those that begin so. */
const ENDED_BY: Readonly<Record<string, RegExp>> = {
  '': /^/,
  0: /^/,
  22: /^1$/,
  24: /^4$/,
  27: /^7$/,
  39: /^(3[0-8]|9[0-7])(;|$)/,
  49: /^(4[0-8]|10[0-7])(;|$)/
};

/** So many sequences at most are taken along, for programs that end none. */
const MOST_SEQUENCES = 8;

/** The escape sequences that are in force after a line. */
export function styleAfter(text: string, style: string): string {
  if (!text.includes('\x1b')) {
    return style;
  }
  let active: string[] = [];
  for (const [, codes = ''] of (style + text).matchAll(/\x1b\[([\d;]*)m/g)) {
    const ended = ENDED_BY[codes];
    active = ended ? active.filter(other => !ended.test(other)) : [...active, codes];
    active = active.slice(-MOST_SEQUENCES);
  }
  return active.map(codes => `\x1b[${codes}m`).join('');
}

/** The line's element. Nothing in the text becomes HTML but colours and links to the web. */
export function drawLine(line: ILine, sanitizer: IRenderMime.ISanitizer): HTMLElement {
  const node = document.createElement('span');
  node.className = 'jp-CrdtLog-line';
  const text = settle(line.text);
  node.append(...render(line.style + text, sanitizer));
  for (const hit of line.hits) {
    const whole = text !== line.text;
    const start = whole ? 0 : columnIn(text, hit.column);
    const end = whole ? Infinity : columnIn(text, hit.column + hit.length);
    mark(node, start, end, hit === line.current);
  }
  if (node.textContent === '') {
    // Gives it a height, and a line of its own in what is copied.
    node.replaceChildren(document.createElement('br'));
  }
  return node;
}

function render(source: string, sanitizer: IRenderMime.ISanitizer): readonly Node[] {
  if (!NEEDS_RENDERING.test(source)) {
    return [document.createTextNode(source)];
  }
  const host = document.createElement('div');
  // Its promise has nothing to wait for.
  void renderText({ host, sanitizer, source });
  for (const link of host.querySelectorAll('a')) {
    if (!/^https?:$/.test(link.protocol)) {
      link.replaceWith(...link.childNodes);
    }
  }
  return [...(host.firstElementChild?.childNodes ?? [])];
}

/** Where a column of the line is among the characters that are seen. */
function columnIn(text: string, column: number): number {
  let hidden = 0;
  for (const { 0: sequence, index } of text.matchAll(ESCAPES)) {
    if (index >= column) {
      break;
    }
    hidden += Math.min(sequence.length, column - index);
  }
  return column - hidden;
}

/** Mark the characters of a node from *start* up to *end*. */
function mark(node: Node, start: number, end: number, isCurrent: boolean): void {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    texts.push(walker.currentNode as Text);
  }
  let at = 0;
  for (const text of texts) {
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, text.length)];
    at += text.length;
    if (from < to) {
      const found = text.splitText(from);
      found.splitText(to - from);
      const marked = document.createElement('mark');
      marked.className = 'jp-CrdtLog-hit';
      marked.classList.toggle('jp-mod-current', isCurrent);
      found.replaceWith(marked);
      marked.append(found);
    }
  }
}
