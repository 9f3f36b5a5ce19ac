/** What users are called. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** The name that a server without accounts makes up for each browser. */
const MADE_UP = /^[0-9a-f]{32}$/;

type State = Readonly<Record<string, unknown>>;

/** As much of a room's awareness as is needed. */
export interface IPresence {
  getStates(): ReadonlyMap<number, State>;
}

/** The name of a user, whom the server knows by another one: somebody who is here, or who has an account. */
export function nameOf(
  username: string,
  me: { username: string; name: string } | null,
  presence: IPresence | null,
  trans: TranslationBundle
): string {
  if (me?.username === username) {
    return trans.__('you');
  }
  for (const { user } of presence?.getStates().values() ?? []) {
    const known = (user ?? {}) as Readonly<Record<string, unknown>>;
    if (known.username === username && typeof known.name === 'string') {
      return known.name;
    }
  }
  return MADE_UP.test(username) ? trans.__('somebody') : username;
}
