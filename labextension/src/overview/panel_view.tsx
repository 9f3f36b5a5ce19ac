/** What is in the panel: how much is stored, and the list of it. */
import { Button, FilterBox, type IScore } from '@jupyterlab/ui-components';
import React, { useCallback, useMemo, useState } from 'react';

import { formatCount, formatSize } from '../format';
import type { Digest } from '../reference';
import { ArtifactTable, cellText, type IArtifactActions } from './artifact_table';
import type { IStoredArtifact, IStoredArtifacts } from './stored_artifacts';
import type { IStoreState } from './store_status';
import { usageText, waitingReason, waitingText, type ILanguage } from './wording';

/** A table of all outputs of a huge notebook would take the page seconds to draw. */
const PAGE_ROWS = 200;

export interface IPanelViewProps {
  /** Whether there is a notebook at all. */
  hasNotebook: boolean;
  artifacts: IStoredArtifacts;
  state: IStoreState;
  waiting: ReadonlySet<Digest>;
  actions: IArtifactActions;
  language: ILanguage;
}

export function PanelView(props: IPanelViewProps): React.JSX.Element {
  const { list, total } = props.artifacts;
  const { trans, locale } = props.language;
  if (list.length === 0) {
    return (
      <div className="jp-CrdtPanel-empty">
        {props.hasNotebook
          ? trans.__('No output of this notebook is large enough to be stored outside of it.')
          : trans.__('Open a notebook to see its stored outputs.')}
      </div>
    );
  }
  return (
    <>
      <div className="jp-CrdtPanel-summary">
        <strong>
          {trans._n(
            '%1 stored output, %2',
            '%1 stored outputs, %2',
            list.length,
            formatSize(total, locale)
          )}
        </strong>
        <StoreLines {...props} />
      </div>
      <FilteredTable {...props} />
    </>
  );
}

function StoreLines({ state, language }: IPanelViewProps): React.JSX.Element {
  const usage = usageText(state, language);
  return (
    <>
      <div role="status">
        {state.waiting > 0 &&
          `${waitingText(state.waiting, language)}. ${waitingReason(state, language)}`}
      </div>
      {usage && <div>{usage}</div>}
    </>
  );
}

type Filter = (item: string) => Partial<IScore> | null;

function FilteredTable({
  artifacts,
  waiting,
  actions,
  language
}: IPanelViewProps): React.JSX.Element {
  const { trans, locale } = language;
  const [filter, setFilter] = useState<Filter>(() => () => ({}));
  const [most, setMost] = useState(PAGE_ROWS);
  const updateFilter = useCallback((given: Filter) => {
    setFilter(() => given);
    setMost(PAGE_ROWS);
  }, []);
  const matching = useMemo(
    () =>
      bySize(artifacts.list.filter(artifact => filter(`${artifact.type} ${cellText(artifact)}`))),
    [artifacts, filter]
  );
  const listed = useMemo(() => matching.slice(0, most), [matching, most]);
  return (
    <>
      <div className="jp-CrdtPanel-filter">
        <FilterBox placeholder={trans.__('Filter by type or cell')} updateFilter={updateFilter} />
      </div>
      <div className="jp-CrdtPanel-list">
        <ArtifactTable {...{ artifacts: listed, waiting, actions, language }} />
        {matching.length > most && (
          <div className="jp-CrdtPanel-more">
            {trans.__(
              'The %1 largest of %2.',
              formatCount(most, locale),
              formatCount(matching.length, locale)
            )}
            <Button
              small
              onClick={() => {
                setMost(most + PAGE_ROWS);
              }}
            >
              {trans.__('List more')}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}

function bySize(artifacts: IStoredArtifact[]): IStoredArtifact[] {
  return artifacts.sort((one, other) => (other.size ?? 0) - (one.size ?? 0));
}
