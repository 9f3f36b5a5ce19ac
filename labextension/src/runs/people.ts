/** What users are called. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

/** The name that a server without accounts makes up for each browser. */
const MADE_UP = /^[0-9a-f]{32}$/;

type State = Readonly<Record<string, unknown>>;

/** As much of a room's awareness as is needed. */
export interface IPresence {
  getStates(): ReadonlyMap<number, State>;
  on(event: 'change', listener: () => void): void;
  off(event: 'change', listener: () => void): void;
}

/** Those who were met in a notebook since the page was loaded. */
export class People {
  /**
   * @param _me The name that the server knows this page's user by, once it is known.
   */
  constructor(
    private readonly _me: () => string | undefined,
    private readonly _trans: TranslationBundle
  ) {}

  /** Somebody was met. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Learn the names of those who are in a room, until disposed of. */
  follow(presence: IPresence): IDisposable {
    const meet = (): void => {
      let isNew = false;
      for (const { user } of presence.getStates().values()) {
        const { username, name } = (user ?? {}) as State;
        if (typeof username === 'string' && typeof name === 'string') {
          isNew ||= this._names.get(username) !== name;
          this._names.set(username, name);
        }
      }
      if (isNew) {
        this._changed.emit();
      }
    };
    presence.on('change', meet);
    meet();
    return new DisposableDelegate(() => {
      presence.off('change', meet);
    });
  }

  /** What a user is called whom the server knows by *username*. */
  readonly nameOf = (username: string): string => {
    if (username === this._me()) {
      return this._trans.__('you');
    }
    const unknown = MADE_UP.test(username) ? this._trans.__('somebody') : username;
    return this._names.get(username) ?? unknown;
  };

  private readonly _names = new Map<string, string>();
  private readonly _changed = new Signal<this, void>(this);
}
