import type { ISessionContext } from '@jupyterlab/apputils';
import { YNotebook } from '@jupyter/ydoc';
import { Signal } from '@lumino/signaling';

import { announce } from '../src/announce';

type Session = Parameters<typeof announce>[0];

/** As much of a session as the announcement looks at. */
class TestSession {
  readonly kernelChanged = new Signal<unknown, unknown>(this);
  readonly sessionChanged = new Signal<unknown, unknown>(this);
  session: { kernel: { clientId: string } | null } | null = null;

  connect(clientId: string | null): void {
    this.session = { kernel: clientId === null ? null : { clientId } };
    this.kernelChanged.emit(null);
  }

  get context(): Session {
    return this as unknown as ISessionContext;
  }
}

function setUp(): { session: TestSession; awareness: YNotebook['awareness']; said: () => unknown } {
  const { awareness } = YNotebook.create();
  return {
    session: new TestSession(),
    awareness,
    said: () => {
      const state: Record<string, unknown> | null = awareness.getLocalState();
      return state?.crdtOutputs;
    }
  };
}

describe('The announcement', () => {
  it('names the kernel connection of the notebook', () => {
    const { session, awareness, said } = setUp();
    session.connect('one');
    announce(session.context, awareness);
    expect(said()).toEqual({ kernelClient: 'one' });
  });

  it('is made when the kernel comes later', () => {
    const { session, awareness, said } = setUp();
    announce(session.context, awareness);
    expect(said()).toBeUndefined();
    session.connect('one');
    expect(said()).toEqual({ kernelClient: 'one' });
  });

  it('follows a change of the connection', () => {
    const { session, awareness, said } = setUp();
    announce(session.context, awareness);
    session.connect('one');
    session.connect('two');
    expect(said()).toEqual({ kernelClient: 'two' });
  });

  it('is taken back when there is no kernel any more', () => {
    const { session, awareness } = setUp();
    announce(session.context, awareness);
    session.connect('one');
    session.connect(null);
    expect(awareness.getLocalState()).not.toHaveProperty('crdtOutputs');
  });

  it('is taken back when the notebook is closed, and not made again', () => {
    const { session, awareness } = setUp();
    const announcement = announce(session.context, awareness);
    session.connect('one');
    announcement.dispose();
    session.connect('two');
    awareness.setLocalStateField('user', 'ada');
    expect(awareness.getLocalState()).toEqual({ user: 'ada' });
  });

  it('leaves what others say there alone', () => {
    const { session, awareness } = setUp();
    awareness.setLocalStateField('user', { name: 'Ada' });
    const announcement = announce(session.context, awareness);
    session.connect('one');
    expect(awareness.getLocalState()).toMatchObject({ user: { name: 'Ada' } });
    announcement.dispose();
    expect(awareness.getLocalState()).toEqual({ user: { name: 'Ada' } });
  });

  it('is made again in a room that was left and joined again', () => {
    const { session, awareness, said } = setUp();
    announce(session.context, awareness);
    session.connect('one');
    awareness.setLocalState(null);
    expect(said()).toBeUndefined();
    awareness.setLocalState({});
    expect(said()).toEqual({ kernelClient: 'one' });
  });

  it('is not sent again when nothing changed', () => {
    const { session, awareness } = setUp();
    announce(session.context, awareness);
    session.connect('one');
    const sent = jest.fn();
    awareness.on('update', sent);
    session.connect('one');
    expect(sent).not.toHaveBeenCalled();
  });
});
