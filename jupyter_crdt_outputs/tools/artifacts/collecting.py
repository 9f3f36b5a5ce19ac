"""``gc``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import InvalidSetting, StoreUnavailable
from ...store.collection.collector import Collector
from ...store.collection.members import forget, ids_of, member_of
from ...store.collection.report import Fate, MemberReport, Report
from ...store.collection.rules import DAY_S, Rules
from ..asking import confirm
from ..configuration import SECTION, Configuration
from ..output import age_text, count_text, print_json, print_table, size_text, time_json, warn
from ..place import Place, place_of
from ..progress import progress
from ..refused import Refused
from ..servers import Server, servers_here
from . import marking

_LONG_SILENT_S = 2 * DAY_S

_WORDS = {
    Fate.MARKED: ("stay: notebooks or documents refer to them",) * 2,
    Fate.PINNED: ("stay: pinned",) * 2,
    Fate.YOUNG: ("stay: in use not long ago",) * 2,
    Fate.UNDATED: ("stay: the store does not say how old they are",) * 2,
    Fate.TRASHED: ("would go to the trash", "went to the trash"),
    Fate.WAITING: ("stay in the trash for now",) * 2,
    Fate.RESTORED: ("would come back from the trash", "came back from the trash"),
    Fate.DOUBLE: ("would go from the trash: also in the store", "went from the trash: also in the store"),
    Fate.REMOVED: ("would be removed from the trash for good", "were removed from the trash for good"),
    Fate.REFUSED: ("would be removed: purged", "were removed: purged"),
}


def gc(options: argparse.Namespace) -> int:
    """Say what nobody can reach any more, and only with ``--delete`` let it go."""
    place = place_of(options)
    days = _grace_days() if options.grace_days is None else options.grace_days
    rules = Rules(days * DAY_S)
    if options.forget is not None:
        _forget(place, options)
    roots, running = marking.checked(options.roots), servers_here()
    if options.delete:
        marking.mark_stopped(place, running)
        for problem in marking.mark_running(place, running):
            warn(problem)
        marking.mark_roots(place, roots)
    elif roots:
        count = count_text(marking.reached_by(roots), "artifact")
        warn(f"The notebooks below --root refer to {count}, which a dry run does not count as referred to.")
    collector = Collector(place.blobs, rules)
    with progress("collected" if options.delete else "looked at", None, unit=" folders") as advance:
        done = 0

        def moved(shards: int, _all: int, _report: Report) -> None:
            nonlocal done
            advance(shards - done)
            done = shards

        report = (collector.collect if options.delete else collector.look)(moved)
    strangers = [server for server in running if not _is_member(server, report.members)]
    if options.json:
        print_json(_to_json(place, report, strangers))
    else:
        _print(place, report)
        for line in _explain(report, strangers):
            warn(line)
    return 0


def _grace_days() -> float:
    """The server's own."""
    found = Configuration().setting(SECTION, "grace_days", Rules().grace_s / DAY_S)
    if not isinstance(found.value, int | float):
        raise InvalidSetting(f"{SECTION}.grace_days in {found.origin} is no number of days")
    return float(found.value)


def _forget(place: Place, options: argparse.Namespace) -> None:
    records = place.blobs.records
    found = [each for each in ids_of(records) if each.startswith(options.forget)]
    if len(found) != 1:
        known = "it is the beginning of several" if found else "there is none such"
        raise Refused(f"no server to forget by {options.forget!r:.40}: {known}. Without --forget, gc lists all")
    try:
        member = member_of(records, found[0])
        whom = f"with the notebooks in {member.root_dir} on {member.host}" if member else found[0]
    except StoreUnavailable:
        whom = f"{found[0]}, whose record cannot be read"
    confirm(options, f"Forget the server {whom}? What only its notebooks refer to may then go.")
    forget(records, found[0])


def _is_member(server: Server, members: Sequence[MemberReport]) -> bool:
    return any(member.host == server.host and member.root_dir == server.root_dir for member in members)


def _word(member: MemberReport) -> float:
    return member.since if member.marked is None else member.marked


def _to_json(place: Place, report: Report, strangers: Sequence[Server]) -> dict[str, Any]:
    told = report.to_json()
    for member in told["members"]:
        member |= {"since": time_json(member["since"]), "marked": time_json(member["marked"])}
    return {
        "store": place.where,
        **told,
        "cutoff": time_json(report.cutoff),
        "notes": list(_explain(report, strangers)),
    }


def _print(place: Place, report: Report) -> None:
    print(f"{place.where}: {'dry run, nothing was changed' if report.is_dry else 'collected'}")
    rows = [
        (f"  {tally.count:,}", size_text(tally.bytes), _WORDS[fate][not report.is_dry])
        for fate, tally in report.tallies.items()
        if tally.count
    ]
    print_table(rows, right=frozenset((0, 1)))
    if report.members:
        print("\nservers that use this store")
        print_table(
            [("  id", "host", "notebooks", "registered", "told what it uses", "refers to")]
            + [
                (
                    f"  {member.id[:8]}",
                    member.host,
                    member.root_dir,
                    f"{age_text(member.since)} ago",
                    "never" if member.marked is None else f"{age_text(member.marked)} ago",
                    f"{member.reaches:,}",
                )
                for member in report.members
            ]
        )


def _explain(report: Report, strangers: Sequence[Server]) -> Iterator[str]:
    """Why not more goes, and what was not looked at."""
    if report.cutoff is None:
        yield "No server has registered with this store yet, so nothing can go: start one."
    else:
        yield f"Nothing goes that was in use after {time_json(report.cutoff)}."
    slowest = min(report.members, key=_word, default=None)
    if slowest is not None and time.time() - _word(slowest) > _LONG_SILENT_S:
        yield (
            f"The server {slowest.id[:8]} ({slowest.root_dir} on {slowest.host}) has not told for "
            f"{age_text(_word(slowest))} what it uses, which holds up everything younger. Let it collect by itself "
            "(CrdtOutputsApp.collect_every_h), or run gc --delete there, as its user; or, if it is gone "
            f"for good with its notebooks: gc --forget {slowest.id[:8]}"
        )
    for server in strangers:
        yield (
            f"The server at {server.url} ({server.root_dir}) has not registered with this store. If it is to use it, "
            "what its notebooks refer to was not seen."
        )
    going = sum(report.tallies[fate].count for fate in (Fate.TRASHED, Fate.REMOVED, Fate.REFUSED))
    if report.is_dry and going:
        yield f"To let {count_text(going, 'artifact')} go: gc --delete"
