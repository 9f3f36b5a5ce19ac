/** Outputs that lack their artifacts: they are in no hurry, and what brings one of them mostly brings the others. */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

export class Retries {
  /** Remember how to try an output again, until that is done or what is returned is disposed of. */
  add(retry: () => void): IDisposable {
    const entry = { retry };
    this._waiting.add(entry);
    return new DisposableDelegate(() => this._waiting.delete(entry));
  }

  /** Try all of them again. */
  run(): void {
    const waiting = [...this._waiting];
    this._waiting.clear();
    for (const { retry } of waiting) {
      retry();
    }
  }

  private readonly _waiting = new Set<{ retry: () => void }>();
}
