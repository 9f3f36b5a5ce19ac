/** Above what runs have put out: which runs these are, how they are looked at, and a button to put each back. */
import { make, makeButton, makeChoices } from './elements';
import type { IListedRun } from './listing';
import type { Mode } from './pair_view';
import type { IRun } from './runs';
import { detailsOf, nameOf, placeText, type IWords } from './wording';

export interface IHeadingOptions {
  /** One or two, the older one first. */
  readonly runs: readonly IListedRun[];
  readonly mode: Mode;
  readonly chooseMode: (mode: Mode) => void;
  /** Puts a run back; null when no run can be. */
  readonly restore: ((run: IRun) => void) | null;
  readonly words: IWords;
}

export function makeHeading(options: IHeadingOptions): HTMLElement {
  const { runs, mode, chooseMode, words } = options;
  const { trans } = words;
  const head = make('div', 'jp-CrdtPrevious-head');
  if (runs.length === 2) {
    const modes = [
      { value: 'sides', label: trans.__('Side by Side') },
      { value: 'differences', label: trans.__('Differences') }
    ] as const;
    const choices = makeChoices<Mode>(trans.__('View'), modes, mode, chooseMode);
    head.append(make('div', 'jp-CrdtPrevious-bar', choices));
  }
  const titles = runs.map(listed => makeTitle(listed, options));
  head.append(make('div', 'jp-CrdtPrevious-sides', ...titles));
  return head;
}

function makeTitle({ run, place }: IListedRun, { restore, words }: IHeadingOptions): HTMLElement {
  const { trans } = words;
  const name = make('strong', '', nameOf(run, words));
  const tag = make('span', 'jp-CrdtPrevious-tag', placeText(place, words));
  const details = make('span', 'jp-CrdtPrevious-details', detailsOf(run, words));
  const title = make('div', 'jp-CrdtPrevious-title', make('div', '', name, ' ', tag, details));
  if (restore && place !== 'notebook' && run.outputs !== null) {
    const label = trans.__('Restore These Outputs');
    const button = makeButton('jp-CrdtPrevious-button jp-mod-accept', label, () => {
      restore(run);
    });
    button.title = trans.__('Put them back into the notebook, for everybody who has it open');
    button.setAttribute('aria-label', `${label}: ${nameOf(run, words)}`);
    title.append(button);
  }
  return title;
}
