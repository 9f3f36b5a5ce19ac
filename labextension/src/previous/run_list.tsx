/** The runs of a cell, of which one or two are chosen to be seen. */
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import type { IRun } from './runs';
import { detailsOf, timeText, type IWords } from './wording';

/** A run as it is listed. */
export interface IListedRun {
  readonly run: IRun;
  /** What it is beside a run: what the notebook has now, or had before. */
  readonly tag: string;
}

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

export function RunList({ runs, chosen, choose, words }: IRunListProps): React.JSX.Element {
  const { trans } = words;
  const title = useId();
  return (
    <div role="group" aria-labelledby={title}>
      <div className="jp-CrdtPrevious-listTitle" id={title}>
        {trans.__('Choose one run, or two to compare')}
      </div>
      {runs.map(({ run, tag }) => (
        <label
          key={run.id}
          className="jp-CrdtPrevious-run"
          data-chosen={chosen.includes(run.id)}
          data-status={run.status}
        >
          <input
            type="checkbox"
            checked={chosen.includes(run.id)}
            onChange={event => {
              choose(run.id, event.target.checked);
            }}
          />
          <span className="jp-CrdtPrevious-runText">
            <span className="jp-CrdtPrevious-runName">
              <span className="jp-CrdtPrevious-count">{`[${run.count ?? ' '}]`}</span>
              <span>{timeText(run, words)}</span>
            </span>
            {tag && <span className="jp-CrdtPrevious-tag">{tag}</span>}
            <span className="jp-CrdtPrevious-details">{detailsOf(run, words)}</span>
          </span>
        </label>
      ))}
    </div>
  );
}
