/** The most recent of many byte strings, as far as there is room for them. */
export class RecentBytes<Key> {
  /** @param room How many bytes are kept at most. */
  constructor(private readonly _room: number) {}

  get(key: Key): Uint8Array | undefined {
    return this._items.get(key);
  }

  /** Oldest out first; what would take the room of many others is not kept at all. */
  set(key: Key, bytes: Uint8Array): void {
    this._delete(key);
    if (bytes.byteLength > this._room / 4) {
      return;
    }
    this._items.set(key, bytes);
    this._size += bytes.byteLength;
    for (const oldest of this._items.keys()) {
      if (this._size <= this._room) {
        break;
      }
      this._delete(oldest);
    }
  }

  private _delete(key: Key): void {
    this._size -= this._items.get(key)?.byteLength ?? 0;
    this._items.delete(key);
  }

  private readonly _items = new Map<Key, Uint8Array>();
  private _size = 0;
}
