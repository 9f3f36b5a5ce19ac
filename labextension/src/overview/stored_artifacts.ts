/** What a notebook keeps in the store. */
import { isCodeCellModel, type ICellModel, type ICodeCellModel } from '@jupyterlab/cells';
import type { IOutputModel } from '@jupyterlab/rendermime';

import {
  parseReference,
  REFERENCE_MIME_TYPE,
  type IPart,
  type Reference,
  type StreamId
} from '../reference';

/** A cell with something in the store. */
export interface IPlace {
  readonly cellId: string;
  /** The cell's, from 0. */
  readonly index: number;
  readonly executionCount: number | null;
  /** The first line of its source that is not empty. */
  readonly line: string;
}

/** An artifact, or a stream of several, as it is listed. */
export interface IStoredArtifact {
  readonly id: StreamId;
  /** The MIME type, or a stream's or an exception's name. */
  readonly type: string;
  /** In bytes; null while the stream is being written. */
  readonly size: number | null;
  readonly reference: Reference;
  /** Where it is first seen. */
  readonly place: IPlace;
}

export interface IStoredArtifacts {
  /** Each once, however many outputs show it. */
  readonly list: readonly IStoredArtifact[];
  /** Their bytes. */
  readonly total: number;
}

export const NOTHING_STORED: IStoredArtifacts = Object.freeze({ list: [], total: 0 });

const MOST_CHARACTERS = 200;

/** What the outputs of these cells refer to, in the order of the notebook. */
export function storedArtifacts(cells: Iterable<ICellModel>): IStoredArtifacts {
  const found = new Map<StreamId, IStoredArtifact>();
  let index = 0;
  for (const cell of cells) {
    if (isCodeCellModel(cell)) {
      let place: IPlace | null = null;
      for (const reference of referencesIn(cell)) {
        place ??= placeOf(cell, index);
        for (const { id, type, size } of itemsOf(reference)) {
          if (!found.has(id)) {
            found.set(id, { id, type, size, reference, place });
          }
        }
      }
    }
    index++;
  }
  const list = [...found.values()];
  return { list, total: list.reduce((total, { size }) => total + (size ?? 0), 0) };
}

function* referencesIn(cell: ICodeCellModel): Generator<Reference> {
  const { outputs } = cell;
  for (let index = 0; index < outputs.length; index++) {
    const reference = referenceOf(outputs.get(index));
    if (reference) {
      yield reference;
    }
  }
}

/** By output: another reference is another output. */
const known = new WeakMap<IOutputModel, Reference | null>();

function referenceOf(output: IOutputModel): Reference | null {
  let reference = known.get(output);
  if (reference === undefined) {
    // To ask a stream for its data is to copy its text.
    const mayHave = output.type === 'display_data' || output.type === 'execute_result';
    reference = mayHave ? parseReference(output.data[REFERENCE_MIME_TYPE]) : null;
    known.set(output, reference);
  }
  return reference;
}

/** What a reference refers to. */
export function itemsOf(reference: Reference): Pick<IStoredArtifact, 'id' | 'type' | 'size'>[] {
  switch (reference.kind) {
    case 'bundle':
      return [...reference.parts].map(([type, part]) => item(type, part));
    case 'stream':
      return reference.segments.map(part => item(reference.name, part));
    case 'long-stream':
      return [{ id: reference.id, type: reference.name, size: reference.size }];
    case 'error':
      return [item(reference.ename, reference.part)];
  }
}

function item(
  type: string,
  { digest, size }: IPart
): Pick<IStoredArtifact, 'id' | 'type' | 'size'> {
  return { id: digest, type, size };
}

function placeOf(cell: ICodeCellModel, index: number): IPlace {
  const line = cell.sharedModel.getSource().trimStart().slice(0, MOST_CHARACTERS).split('\n', 1);
  return {
    cellId: cell.id,
    index,
    executionCount: cell.executionCount ?? null,
    line: line[0]?.trimEnd() ?? ''
  };
}
