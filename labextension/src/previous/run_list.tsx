/** The runs of a cell, of which one or two are chosen to be seen. */
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import type { IListedRun } from './listing';
import { detailsOf, placeText, timeText, type IWords } from './wording';

export interface IRunListProps {
  readonly runs: readonly IListedRun[];
  readonly chosen: readonly string[];
  readonly choose: (id: string, isChosen: boolean) => void;
  readonly words: IWords;
}

/** The list, which shows what *props* says when it is updated. */
export class RunListWidget extends ReactWidget {
  constructor(private readonly _props: () => IRunListProps) {
    super();
    this.addClass('jp-CrdtPrevious-list');
  }

  protected override render(): React.JSX.Element {
    return <RunList {...this._props()} />;
  }
}

/** One stop for the Tab key, however many runs there are: the arrow keys go from one to the next. */
export function RunList({ runs, chosen, choose, words }: IRunListProps): React.JSX.Element {
  const { trans } = words;
  const title = useId();
  const [focused, setFocused] = useState('');
  const ids = runs.map(({ run }) => run.id);
  const stop = ids.find(id => id === focused) ?? ids.find(id => chosen.includes(id)) ?? ids[0];
  return (
    <div role="group" aria-labelledby={title} onKeyDown={moveFocus}>
      <div className="jp-CrdtPrevious-listTitle" id={title}>
        {trans.__('Choose one run, or two to compare')}
      </div>
      {runs.map(({ run, place }) => (
        <label
          key={run.id}
          className="jp-CrdtPrevious-run"
          data-chosen={chosen.includes(run.id)}
          data-status={run.status}
        >
          <input
            type="checkbox"
            checked={chosen.includes(run.id)}
            tabIndex={run.id === stop ? 0 : -1}
            onFocus={() => {
              setFocused(run.id);
            }}
            onChange={event => {
              choose(run.id, event.target.checked);
            }}
          />
          <span className="jp-CrdtPrevious-runText">
            <span className="jp-CrdtPrevious-runName">
              <span className="jp-CrdtPrevious-count">{`[${run.count ?? ' '}]`}</span>{' '}
              <span>{timeText(run, words)}</span>
            </span>{' '}
            {place && <span className="jp-CrdtPrevious-tag">{placeText(place, words)}</span>}{' '}
            <span className="jp-CrdtPrevious-details">{detailsOf(run, words)}</span>
          </span>
        </label>
      ))}
    </div>
  );
}

function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const inputs = [...event.currentTarget.querySelectorAll('input')];
  const at = inputs.findIndex(input => input === event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: inputs.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    inputs[to]?.focus();
  }
}
