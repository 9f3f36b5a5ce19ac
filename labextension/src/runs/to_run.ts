/** Which cells are run again when one has been run, for those who want that. */
import { isUnfinished, type ICellRun } from './record';

/**
 * The cells, in order, that are stale since these were run, directly or by way of others, and are ready to run again.
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
    // What it reads from is up to date, or will be when its turn comes.
    const isReady = run.because.every(cause => !byId.get(cause)?.stale || isBy(cause));
    const isOurs =
      run.stale === 'upstream' &&
      !isUnfinished(run.execution) &&
      isReady &&
      run.because.some(cause => ran.has(cause) || isBy(cause));
    known.set(id, isOurs);
    return isOurs;
  };
  return runs.filter(({ cell }) => isBy(cell)).map(({ cell }) => cell);
}
