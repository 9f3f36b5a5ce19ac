/** What is in the card of a run. */
import { ICONS, lookOf } from './icons';
import type { IMarkContent } from './mark';
import { isUnfinished, type IExecution } from './record';
import { formatAgo, formatDuration, MOST_NAMED, staleText, statusText, whoRan } from './wording';

export interface ICardAction {
  readonly label: string;
  readonly run: () => void;
}

export interface ICardContent extends IMarkContent {
  /** Shows another cell. */
  readonly goTo: (cell: string) => void;
  readonly actions: readonly ICardAction[];
}

export function renderCard(content: ICardContent, execution: IExecution): HTMLElement[] {
  const { run, now, words, actions } = content;
  const head = make('div', 'jp-CrdtRunCard-head');
  const look = lookOf({ ...run, stale: null });
  head.dataset.look = look;
  head.append(ICONS[look].element({ tag: 'span' }), statusText(execution, now, words));
  const nodes = [head, make('div', 'jp-CrdtRunCard-who', whoAndWhen(content, execution))];
  if (run.stale && !isUnfinished(execution)) {
    nodes.push(staleLine(content));
  }
  const list = make('dl', 'jp-CrdtRunCard-facts');
  for (const [name, value] of facts(content, execution)) {
    list.append(make('dt', '', name), make('dd', '', value));
  }
  nodes.push(list);
  if (actions.length > 0) {
    const row = make('div', 'jp-CrdtRunCard-actions');
    row.append(...actions.map(({ label, run: act }) => button('jp-CrdtOutput-button', label, act)));
    nodes.push(row);
  }
  return nodes;
}

function whoAndWhen({ words, now }: ICardContent, execution: IExecution): string {
  const { trans, locale } = words;
  const at = execution.ended ?? execution.started ?? execution.queued;
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  return [whoRan(execution, words), time.format(at), formatAgo(now - at, trans, locale)].join(
    ' · '
  );
}

function staleLine({ run, runOf, words, goTo }: ICardContent): HTMLElement {
  const line = make('div', 'jp-CrdtRunCard-stale');
  line.append(ICONS.stale.element({ tag: 'span' }), staleText(run, runOf, words));
  for (const cell of run.because.slice(0, MOST_NAMED)) {
    const label = words.trans.__('Go to %1', words.cellName(cell));
    const link = button('jp-CrdtRunCard-link', label, () => {
      goTo(cell);
    });
    line.append(link);
  }
  return line;
}

/** What few people ask for, with its names. */
function facts({ words, now }: ICardContent, execution: IExecution): [string, string][] {
  const { trans, locale } = words;
  const { id, parent, via, kernel, kernelName, language, queued, started, ended } = execution;
  const waited = (started ?? ended ?? now) - queued;
  const spec = [kernelName, language && `(${language})`, kernel.slice(0, 8)].filter(Boolean);
  const found: [string, string][] = [
    [trans.__('Run by'), via === 'browser' ? trans.__('a browser') : trans.__('the server')],
    [trans.__('Kernel'), spec.join(' ')],
    [trans.__('Waited'), formatDuration(waited, locale)],
    [trans.__('Execution'), id]
  ];
  return parent ? [...found, [trans.__('Because of'), parent]] : found;
}

function make(tag: string, className: string, text = ''): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function button(className: string, label: string, run: () => void): HTMLElement {
  const node = make('button', className, label);
  node.addEventListener('click', run);
  return node;
}
