/** Which runs of a cell there are to be seen, and which of them the cell shows. */
import type { IOutput } from '@jupyterlab/nbformat';
import { JSONExt } from '@lumino/coreutils';

import type { IOutputs, IRun } from './runs';

/** Where a run is seen beside this list: the notebook shows it, or has shown it while nothing else keeps it. */
export type Place = 'notebook' | 'replaced' | null;

/** A run as it is listed. */
export interface IListedRun {
  readonly run: IRun;
  readonly place: Place;
}

/** What the notebook has now, where that is no run's that is kept. */
export const NOW = 'now';

/**
 * All that can be seen, the newest first.
 *
 * @param kept What the server has kept, the newest first.
 * @param present What the notebook has; null when the cell is gone.
 * @param replaced What it had, which is no run's that is kept.
 */
export function listed(
  kept: readonly IRun[],
  present: IOutputs | null,
  replaced: readonly IRun[]
): readonly IListedRun[] {
  // A run may have been replaced before the server had written it down.
  const others = replaced.filter(run => !runOf(run, kept));
  const isNobodys = present !== null && present.outputs.length > 0 && !runOf(present, kept);
  const now = isNobodys ? (runOf(present, others) ?? nobodysRun(NOW, present)) : null;
  const shown = now ?? (present && runOf(present, kept));
  return [...(now ? [now] : []), ...kept, ...others.filter(run => run !== now)].map(run => ({
    run,
    place: run === shown ? 'notebook' : others.includes(run) ? 'replaced' : null
  }));
}

/** The run that outputs are of: of several that put out the same, the newest with that count. */
export function runOf(
  { outputs, count }: Pick<IRun, 'outputs' | 'count'>,
  runs: readonly IRun[]
): IRun | undefined {
  const same = runs.filter(run => outputs && run.outputs && areSame(run.outputs, outputs));
  // A cell that never came to its end has no count, whatever the kernel said.
  return same.find(run => run.count === count) ?? (count === null ? same[0] : undefined);
}

/** Outputs of which nobody knows who made them, and when. */
export function nobodysRun(id: string, { outputs, count }: IOutputs): IRun {
  const unknown = {
    user: '',
    claimedName: null,
    status: '',
    error: '',
    started: null,
    ended: null,
    note: ''
  };
  return { ...unknown, id, count, outputs };
}

function areSame(one: readonly IOutput[], other: readonly IOutput[]): boolean {
  return JSONExt.deepEqual([...one], [...other]);
}
