"""``verify``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ...errors import ArtifactCorrupt, ArtifactMissing, ArtifactRemoved, StoreUnavailable
from ...model.digest import Digest
from ...store.layout import Area
from .. import progress
from ..configuration import Configuration
from ..notebooks.contents import contents
from ..parallel import in_batches, in_threads
from ..place import Place, place_of
from ..refused import Refused
from .verified import Outcome, Report, State, Wanted, tell

_FAILURES_IN_A_ROW = 5
_READ_WHOLE_BYTES = 1 << 22


def verify(options: argparse.Namespace) -> int:
    """Hash each artifact anew, several at once in constant memory, and move corrupt ones out of readers' way."""
    if options.digests and options.notebooks:
        raise Refused("give digests or notebooks, not both")
    place, report = place_of(options), Report()
    failed = 0
    with progress.progress("verified", _total(place, options)) as advance:
        check = partial(_check, place, moves=not options.dry_run)
        batches = in_batches(_wanted(place, options), lambda wanted: wanted.size)
        for outcomes in in_threads(check, batches, _threads(options)):
            for outcome in outcomes:
                failed = failed + 1 if outcome.state is State.UNREADABLE else 0
                if failed == _FAILURES_IN_A_ROW:
                    raise StoreUnavailable(outcome.reason)
                report.add(outcome)
                advance(outcome.size)
    tell(report, place.where, options)
    return report.exit_code


def _wanted(place: Place, options: argparse.Namespace) -> Iterable[Wanted]:
    if options.notebooks:
        return _of_notebooks(place, options)
    if options.digests:
        return [Wanted(place.find(text), True) for text in options.digests]
    # What goes meanwhile is not missed.
    return (Wanted(entry.digest, False, entry.size) for entry in place.blobs.entries())


def _of_notebooks(place: Place, options: argparse.Namespace) -> Iterator[Wanted]:
    policy = Configuration().policy()
    for path in options.notebooks:
        found = contents(path, policy, place.store.get)
        if found.problem and not found.artifacts:
            raise Refused(f"{path} cannot be read as a notebook: {found.problem}")
        yield from (Wanted(digest, not each.in_file) for digest, each in found.artifacts.items())


def _total(place: Place, options: argparse.Namespace) -> int | None:
    """Bytes, where a bar will show how far it is: that costs a listing."""
    if not progress.is_shown() or options.digests or options.notebooks:
        return None
    with progress.progress("listed", None, unit="") as advance:
        total = 0
        for entry in place.blobs.entries():
            total += entry.size
            advance(1)
    return total


def _check(place: Place, batch: Sequence[Wanted], *, moves: bool) -> list[Outcome]:
    return [_check_one(place, wanted, moves=moves) for wanted in batch]


def _check_one(place: Place, wanted: Wanted, *, moves: bool) -> Outcome:
    outcome = _hash(place, wanted)
    if outcome.state is State.CORRUPT and moves:
        # At once, since whoever heals it meanwhile has the healed one moved. The next put would write it again.
        place.blobs.move(wanted.digest, Area.ARTIFACTS, Area.QUARANTINE)
    return outcome


def _hash(place: Place, wanted: Wanted) -> Outcome:
    try:
        if 0 < wanted.size <= _READ_WHOLE_BYTES:
            data = place.blobs.read(wanted.digest)  # one request, where the store would look twice in addition
            if Digest.of(data) == wanted.digest:
                return Outcome(wanted, State.OK, len(data))
        return Outcome(wanted, State.OK, place.store.verify(wanted.digest))
    except ArtifactRemoved as error:
        return Outcome(wanted, State.REMOVED, reason=str(error))
    except ArtifactMissing as error:
        return Outcome(wanted, State.MISSING, reason=str(error))
    except ArtifactCorrupt as error:
        return Outcome(wanted, State.CORRUPT, reason=str(error))
    except StoreUnavailable as error:
        return Outcome(wanted, State.UNREADABLE, reason=str(error))


def _threads(options: argparse.Namespace) -> int:
    """Twice as many as processors: one hashes while another waits for the disk. At least eight, for networks."""
    return int(options.threads or max(8, 2 * (os.cpu_count() or 1)))
