"""Removing one artifact for good, wherever a copy of it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...model.digest import Digest
from ..blobs import Blobs
from ..layout import Area
from ..tombstones import Tombstones
from . import pins

_WAIT_S = 40.0
"""Longer than any server keeps its own copies of what it has just written."""

_ASKED_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed.

    Attributes:
        digest: the artifact.
        areas: where it was, in the store; empty if it was nowhere, which does not keep it from being refused.
        is_complete: whether nothing can bring it back. False: another server has just written something, perhaps this,
            and still has a copy of its own; purge it again in a minute.
    """

    digest: Digest
    areas: tuple[Area, ...]
    is_complete: bool


def purge(
    blobs: Blobs,
    digest: Digest,
    *,
    reason: str = "",
    elsewhere: Sequence[Callable[[Digest], object]] = (),
    wait_s: float = _WAIT_S,
    clock: Callable[[], float] = time.time,
) -> Purged:
    """Remove an artifact from store, trash and quarantine, and refuse its bytes from now on. Idempotent.

    The tombstone is first, and durable: whatever happens after it, the artifact counts as removed, and the next
    collection removes what is left of it. Other servers see the tombstone within a minute.

    Args:
        blobs: of the store itself.
        digest: the artifact.
        reason: why, for people who ask for it.
        elsewhere: what removes it from other places, such as a spool or a cache; called after the tombstone is there.
        wait_s: how long to wait for other processes that hold copies of what they have just written.
        clock: POSIX seconds.

    Raises:
        StoreFull, StoreUnavailable: do it again.
    """
    Tombstones(blobs.records, blobs.where, clock).add(digest, reason)
    pins.unpin(blobs.records, digest)
    for remove in elsewhere:
        remove(digest)
    until = time.monotonic() + wait_s
    while not (is_complete := blobs.flush()) and time.monotonic() < until:
        time.sleep(_ASKED_EVERY_S)
    areas = tuple(area for area in Area if blobs.entry(digest, area) is not None)
    for area in areas:
        blobs.remove(digest, area)
    return Purged(digest, areas, is_complete)
