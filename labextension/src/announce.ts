/**
 * Tells the server which kernel connection sees which shared document, so that it may record that connection's outputs
 * there: a page that does not say so keeps its outputs, and one that leaves is missed.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import { JSONExt } from '@lumino/coreutils';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

const FIELD = 'crdtOutputs';

type State = Readonly<Record<string, unknown>>;

/** As much of a room's awareness as is needed. */
export interface IAnnouncementBoard {
  getLocalState(): State | null;
  setLocalState(state: State | null): void;
  on(event: 'change', listener: () => void): void;
  off(event: 'change', listener: () => void): void;
}

/** Keep the announcement in step with the session's kernel connection, until disposed of. */
export function announce(
  session: Pick<ISessionContext, 'session' | 'kernelChanged' | 'sessionChanged'>,
  board: IAnnouncementBoard
): IDisposable {
  const update = (): void => {
    const kernelClient = session.session?.kernel?.clientId;
    write(board, kernelClient === undefined ? null : { kernelClient });
  };
  session.kernelChanged.connect(update);
  session.sessionChanged.connect(update);
  // A room that is joined again starts with an empty state.
  board.on('change', update);
  update();
  return new DisposableDelegate(() => {
    session.kernelChanged.disconnect(update);
    session.sessionChanged.disconnect(update);
    board.off('change', update);
    write(board, null);
  });
}

/** Nothing is sent when nothing changes: every write goes to everybody in the room. */
function write(board: IAnnouncementBoard, value: { kernelClient: string } | null): void {
  // Without a state this client has left the room.
  const state = board.getLocalState();
  if (!state || JSONExt.deepEqual((state[FIELD] ?? null) as never, value)) {
    return;
  }
  const { [FIELD]: _, ...others } = state;
  board.setLocalState(value ? { ...others, [FIELD]: value } : others);
}
