/** Which cells are run so that what they put out holds again. */
import { isUnfinished, type ICellRun } from './record';

/**
 * All cells that are stale, and before them what they need that the kernel has not run; in order.
 *
 * @param runs All cells, in order.
 */
export function allStale(runs: readonly ICellRun[]): string[] {
  return withNeeded(
    runs,
    runs.filter(({ stale }) => stale !== null).map(({ cell }) => cell)
  );
}

/**
 * The cells that are stale since some were run, directly or by way of others, and are ready to run again; and before them
 * what they need that the kernel has not run. In order.
 *
 * A cell that is being edited is not among them, nor what depends on it: nobody has said that it is ready to run.
 *
 * @param runs All cells, in order.
 * @param ran Ids of the cells that were run.
 */
export function staleBy(runs: readonly ICellRun[], ran: ReadonlySet<string>): string[] {
  const byId = new Map(runs.map(run => [run.cell, run]));
  const known = new Map<string, boolean>();
  const isBy = (id: string): boolean => {
    const run = byId.get(id);
    const answer = known.get(id);
    if (answer !== undefined || !run) {
      return answer ?? false;
    }
    known.set(id, false);
    const readsFrom = [...run.because, ...withNeeded(runs, [id]).filter(each => each !== id)];
    // What it reads from is up to date, or will be when its turn comes.
    const isReady = readsFrom.every(cause => !byId.get(cause)?.stale || isBy(cause));
    const isOurs =
      run.stale === 'upstream' &&
      !isUnfinished(run.execution) &&
      isReady &&
      run.because.some(cause => ran.has(cause) || isBy(cause));
    known.set(id, isOurs);
    return isOurs;
  };
  return withNeeded(runs, runs.map(({ cell }) => cell).filter(isBy));
}

/** Some cells, and what they need, directly or by way of others; what runs already, or waits to, is left out. */
function withNeeded(runs: readonly ICellRun[], chosen: readonly string[]): string[] {
  const byId = new Map(runs.map(run => [run.cell, run]));
  const found = new Set(chosen);
  // A set is gone through with what is added to it meanwhile.
  for (const id of found) {
    for (const need of byId.get(id)?.needs ?? []) {
      found.add(need);
    }
  }
  return runs
    .filter(({ cell, execution }) => found.has(cell) && !isUnfinished(execution))
    .map(({ cell }) => cell);
}
