"""What the doctor asks of the store: everything that a server will ask of it."""

from __future__ import annotations

import argparse
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from ...store.local import LocalBlobs
from ..output import age_text, count_text, size_text
from ..place import Place, place_of
from .checks import Check, Level

_CLOCKS_MAY_DIFFER_S = 60
_LITTLE_BYTES = 10**9
_PROBE_BYTES = 1024
_LONG_S = 600


def check_store(options: argparse.Namespace) -> Iterator[Check]:
    """One check after another. The first that fails raises, since the next would fail too.

    Raises:
        InvalidSetting: the URL cannot work, or its driver is missing.
        StoreUnavailable, StoreFull, ArtifactCorrupt: what the server would get.
    """
    place = place_of(options)
    yield Check("store", place.where)
    yield from _room(place)
    yield from _waiting(place)
    began = time.monotonic()
    first = next(place.blobs.entries(), None)
    yield Check("store, list", f"{'holds artifacts' if first else 'is empty'}, {_ms(began)}")
    if options.no_write:
        yield Check("store, write", "not tried", Level.WARNING)
    else:
        yield from _try_writing(place)


def _try_writing(place: Place) -> Iterator[Check]:
    data = secrets.token_bytes(_PROBE_BYTES)
    before, began = time.time(), time.monotonic()
    digest = place.store.put(data)
    after = time.time()
    try:
        yield Check("store, write", f"can be written, {_ms(began)}")
        began = time.monotonic()
        place.store.get(digest)
        yield Check("store, read", f"gives back what was written, {_ms(began)}")
        entry = place.blobs.entry(digest)
        yield _clock(entry.modified if entry else None, before, after)
    finally:
        place.store.delete(digest)
    if place.blobs.stat(digest) is not None:
        message = "what was deleted is still there: nothing can be removed from this store"
        yield Check("store, delete", message, Level.WARNING)
    else:
        yield Check("store, delete", "can be deleted from")


def _clock(modified: float | None, before: float, after: float) -> Check:
    """The store's time of a write must lie between this machine's before and after; stores count whole seconds."""
    if modified is None:
        message = "the store does not say when things were written, so nothing in it can be collected"
        return Check("store, clock", message, Level.WARNING)
    off = max(before - 1 - modified, modified - after - 1, 0.0)
    if off <= _CLOCKS_MAY_DIFFER_S:
        return Check("store, clock", f"agrees with this machine's to {off + 1:.0f} s")
    message = f"{off:.0f} s {'behind' if modified < before else 'ahead of'} this machine's: set both by NTP"
    return Check("store, clock", message, Level.WARNING)


def _room(place: Place) -> Iterator[Check]:
    if not isinstance(place.blobs, LocalBlobs):
        return
    folder = Path(place.where)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    level = Level.WARNING if free < _LITTLE_BYTES else Level.OK
    yield Check("store, room", f"{size_text(free)} free", level)


def _waiting(place: Place) -> Iterator[Check]:
    """What a server on this machine has not uploaded. A while is no fault: it may be stopped."""
    if place.spool is None:
        return
    entries = list(place.spool.entries())
    oldest = min((entry.modified for entry in entries if entry.modified is not None), default=time.time())
    if not entries:
        yield Check("store, spool", "nothing waits on this machine to be stored")
        return
    size = size_text(sum(entry.size for entry in entries))
    message = (
        f"{count_text(len(entries), 'artifact')}, {size}, on this machine and not yet stored, for {age_text(oldest)}"
    )
    level = Level.WARNING if time.time() - oldest > _LONG_S else Level.OK
    yield Check("store, spool", message, level)


def _ms(began: float) -> str:
    return f"{1000 * (time.monotonic() - began):.0f} ms"
