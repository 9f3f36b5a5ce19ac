import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { NOTICE_SCHEMA, NoticeBoard, parseNotice } from '../src/notices';

const { manager } = Notification;

function newBoard(): NoticeBoard {
  return new NoticeBoard(manager, nullTranslator.load(''));
}

function shown(): string[] {
  return manager.notifications.map(({ message }) => message);
}

beforeEach(() => {
  manager.dismiss();
});

describe('An event', () => {
  it('of the notice schema is a notice', () => {
    const event = {
      schema_id: NOTICE_SCHEMA,
      kind: 'store-full',
      message: 'full',
      path: 'a.ipynb'
    };
    expect(parseNotice(event)).toEqual({ kind: 'store-full', message: 'full' });
  });

  it.each([
    ['of another schema', { schema_id: 'other', kind: 'store-full', message: 'full' }],
    ['of an unknown kind', { schema_id: NOTICE_SCHEMA, kind: 'party', message: 'full' }],
    ['without words', { schema_id: NOTICE_SCHEMA, kind: 'store-full' }],
    ['that is nothing', null]
  ])('%s is none', (_, event) => {
    expect(parseNotice(event)).toBeNull();
  });
});

describe('The notice board', () => {
  it('shows a notice until it is dismissed', () => {
    newBoard().show({ kind: 'store-full', message: 'full' });
    expect(manager.notifications).toMatchObject([
      { message: 'full', type: 'error', options: { autoClose: false } }
    ]);
  });

  it('shows one notification for each kind, with the latest words', () => {
    const board = newBoard();
    board.show({ kind: 'store-unavailable', message: 'one failure' });
    board.show({ kind: 'store-full', message: 'full' });
    board.show({ kind: 'store-unavailable', message: 'two failures' });
    expect(shown().sort()).toEqual(['full', 'two failures']);
  });

  it('does not repeat what the user has read and closed', () => {
    const board = newBoard();
    board.show({ kind: 'store-full', message: 'full' });
    manager.dismiss();
    board.show({ kind: 'store-full', message: 'full' });
    expect(shown()).toEqual([]);
  });

  it('says something new after the old was closed', () => {
    const board = newBoard();
    board.show({ kind: 'store-full', message: 'full' });
    manager.dismiss();
    board.show({ kind: 'store-full', message: 'fuller' });
    expect(shown()).toEqual(['fuller']);
  });

  it('takes back its warnings when the store has recovered', () => {
    const board = newBoard();
    board.show({ kind: 'store-full', message: 'full' });
    board.show({ kind: 'store-unavailable', message: 'away' });
    board.show({ kind: 'recovered', message: 'fine' });
    expect(manager.notifications).toMatchObject([{ message: 'fine', type: 'success' }]);
  });

  it('warns again of trouble after a recovery', () => {
    const board = newBoard();
    board.show({ kind: 'store-full', message: 'full' });
    board.show({ kind: 'recovered', message: 'fine' });
    board.show({ kind: 'store-full', message: 'full' });
    expect(shown()).toContain('full');
  });

  it('keeps a recovery to itself when there was no warning', () => {
    newBoard().show({ kind: 'recovered', message: 'fine' });
    expect(shown()).toEqual([]);
  });

  it('takes back that a notebook is not saved when it is, and nothing else', () => {
    const board = newBoard();
    board.show({ kind: 'not-saved', message: 'a.ipynb is not saved' });
    board.show({ kind: 'store-full', message: 'full' });
    board.show({ kind: 'saved', message: 'a.ipynb is saved again' });
    expect(shown()).not.toContain('a.ipynb is not saved');
    expect(shown()).toContain('full');
  });

  it('leaves a refusal standing when the store has recovered', () => {
    const board = newBoard();
    board.show({ kind: 'refused', message: 'not with that extension' });
    board.show({ kind: 'store-full', message: 'full' });
    board.show({ kind: 'recovered', message: 'fine' });
    expect(shown()).toContain('not with that extension');
  });
});
