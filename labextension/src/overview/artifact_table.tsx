/** The list of stored artifacts, as a table that can be sorted by size and by place in the notebook. */
import { Button, downloadIcon, Table } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';

import { formatSize } from '../format';
import type { StreamId } from '../reference';
import type { IStoredArtifact } from './stored_artifacts';
import type { ILanguage } from './wording';

export interface IArtifactActions {
  /** Show where it is in the notebook. */
  jump: (artifact: IStoredArtifact) => void;
  /** Hand it to the user as a file. */
  download: (artifact: IStoredArtifact) => void;
}

interface ITableProps {
  artifacts: readonly IStoredArtifact[];
  /** What is not yet in the store. */
  waiting: ReadonlySet<StreamId>;
  actions: IArtifactActions;
  language: ILanguage;
}

/** The prompt and the beginning of a cell, such as `[3] plot()`. */
export function cellText({ place }: IStoredArtifact): string {
  return `[${place.executionCount ?? ' '}] ${place.line}`;
}

export function ArtifactTable(props: ITableProps): React.JSX.Element {
  const node = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The table's headers are for the mouse only.
    for (const header of node.current?.querySelectorAll('th') ?? []) {
      header.tabIndex = 0;
    }
  });
  const sortByKey = ({ key, target }: React.KeyboardEvent): void => {
    if (key === 'Enter' && target instanceof HTMLTableCellElement) {
      target.click();
    }
  };
  return (
    <div className="jp-CrdtPanel-table" ref={node} onKeyDown={sortByKey}>
      <Table
        rows={props.artifacts.map(data => ({ data, key: data.id }))}
        columns={columns(props)}
        sortKey="size"
        sortDirection={-1}
        blankIndicator={() => null}
      />
    </div>
  );
}

function columns({ actions, language, waiting }: ITableProps): Table.IColumn<IStoredArtifact>[] {
  const { trans, locale } = language;
  return [
    {
      id: 'size',
      label: trans.__('Size'),
      renderCell: ({ size }) => (size === null ? trans.__('growing') : formatSize(size, locale)),
      sort: (one, other) => (one.size ?? 0) - (other.size ?? 0)
    },
    {
      id: 'place',
      label: trans.__('Output'),
      renderCell: artifact => (
        <div className="jp-CrdtPanel-output">
          <div>
            <button
              className="jp-CrdtPanel-jump"
              title={trans.__('Go to %1', cellText(artifact))}
              onClick={() => {
                actions.jump(artifact);
              }}
            >
              {cellText(artifact)}
            </button>
            <span title={artifact.type}>{artifact.type}</span>
            {waiting.has(artifact.id) && <em>{trans.__('not yet stored')}</em>}
          </div>
          <Button
            minimal
            small
            title={trans.__('Download')}
            aria-label={trans.__('Download')}
            onClick={() => {
              actions.download(artifact);
            }}
          >
            <downloadIcon.react tag="span" />
          </Button>
        </div>
      ),
      sort: (one, other) => one.place.index - other.place.index
    }
  ];
}
