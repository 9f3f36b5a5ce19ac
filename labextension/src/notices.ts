/** What the server has to say to the user about outputs: one notification for each kind of trouble. */
import type { Notification, NotificationManager } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

export const NOTICE_SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_outputs/notice/v1';

const KINDS = [
  'store-nearly-full',
  'store-full',
  'store-unavailable',
  'outputs-missing',
  'not-saved',
  'recovered',
  'saved',
  'refused'
] as const;

export type NoticeKind = (typeof KINDS)[number];

export interface INotice {
  readonly kind: NoticeKind;
  readonly message: string;
}

/** What was said before and is no longer true. */
const TAKES_AWAY: Partial<Record<NoticeKind, readonly NoticeKind[]>> = {
  recovered: ['store-full', 'store-unavailable'],
  saved: ['not-saved']
};

const ERRORS: readonly NoticeKind[] = ['store-full', 'not-saved'];

/** A notice among all events of the server, or null. */
export function parseNotice(event: unknown): INotice | null {
  const given = (event ?? {}) as Record<'schema_id' | 'kind' | 'message', unknown>;
  const kind = KINDS.find(known => known === given.kind);
  return given.schema_id === NOTICE_SCHEMA && kind && typeof given.message === 'string'
    ? { kind, message: given.message }
    : null;
}

/** Shows notices. */
export class NoticeBoard {
  constructor(
    private readonly _manager: Pick<NotificationManager, 'notify' | 'update' | 'dismiss'>,
    private readonly _trans: TranslationBundle
  ) {}

  show(notice: INotice): void {
    const over = TAKES_AWAY[notice.kind];
    if (over) {
      this._takeAway(over, notice);
      return;
    }
    const shown = this._shown.get(notice.kind);
    if (shown?.message === notice.message) {
      // Told already. Whoever closed the notification has read it.
      return;
    }
    const type: Notification.TypeOptions = ERRORS.includes(notice.kind) ? 'error' : 'warning';
    const { message } = notice;
    const id =
      shown && this._manager.update({ id: shown.id, message, type })
        ? shown.id
        : this._manager.notify(message, type, { autoClose: false });
    this._shown.set(notice.kind, { id, message });
  }

  private _takeAway(kinds: readonly NoticeKind[], notice: INotice): void {
    let told = false;
    for (const kind of kinds) {
      const shown = this._shown.get(kind);
      if (shown) {
        this._manager.dismiss(shown.id);
        this._shown.delete(kind);
        told = true;
      }
    }
    if (told) {
      const message = notice.message || this._trans.__('Outputs are stored again.');
      this._manager.notify(message, 'success', { autoClose: 5000 });
    }
  }

  private readonly _shown = new Map<NoticeKind, { id: string; message: string }>();
}
