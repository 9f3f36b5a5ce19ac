/** Which of the listed runs are looked at: two at most, and until the user has chosen, the newest two. */
const MOST = 2;

export class Choice {
  /** Those that are looked at, of these, which are listed with the newest first. */
  among(ids: readonly string[]): readonly string[] {
    const chosen = this._chosen?.filter(id => ids.includes(id));
    const isLost = chosen?.length === 0 && this._chosen?.length !== 0;
    this._last = chosen && !isLost ? chosen : ids.slice(0, MOST);
    return this._last;
  }

  /** Of those that were looked at, the one that was chosen first makes room for another. */
  choose(id: string, isChosen: boolean): void {
    const others = this._last.filter(each => each !== id);
    this._chosen = isChosen ? [...others.slice(1 - MOST), id] : others;
  }

  /** The same is listed by another name from now on. */
  rename(before: string, after: string): void {
    this._chosen = this._chosen?.map(id => (id === before ? after : id));
  }

  private _chosen: readonly string[] | undefined;
  private _last: readonly string[] = [];
}
