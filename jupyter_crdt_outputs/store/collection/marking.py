"""Making a member's mark: everything that its roots reach, and what that reaches in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ...errors import ArtifactCorrupt, ArtifactMissing, InvalidReference, RootUnreadable
from ...model.digest import Digest
from ...model.segments import INDEX_HEADER, from_index
from ..artifact_store import ArtifactStore
from ..records import Records
from .digest_set import DigestSet
from .marks import Mark, write_mark
from .members import Member
from .references import Found
from .roots import FileRoots

Root = Callable[[], Iterable[Found]]


class Marker:
    """Writes the marks of one member. Blocking; not to be called twice at once.

    Args:
        records: of the store.
        member: id of the member.
        store: what the member reads with, so that the index of a stream is found wherever it is.
        roots: each gives what it refers to, and raises rather than leave something out.
        clock: POSIX seconds.
    """

    def __init__(
        self,
        records: Records,
        member: str,
        store: ArtifactStore,
        roots: Sequence[Root],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._records = records
        self._member = member
        self._store = store
        self._roots = roots
        self._clock = clock
        self._segments: dict[Digest, tuple[Digest, ...]] = {}

    def mark(self, *more: Root, began: float | None = None) -> Mark:
        """Write a mark as of now.

        Args:
            more: further roots, for this time.
            began: since when these hold what there is, in POSIX seconds; None: now.

        Raises:
            RootUnreadable, StoreUnavailable, StoreFull: nothing is written, and the mark before this one stands.
        """
        began = self._clock() if began is None else began
        reached = DigestSet()
        indexes: set[bytes] = set()
        for root in (*self._roots, *more):
            for found in root():
                reached.add_bytes(found.digest)
                if found.may_be_index:
                    indexes.add(found.digest)
        for index in indexes:
            for segment in self._segments_of(Digest.parse(index.hex())):
                reached.add(segment)
        return write_mark(self._records, self._member, began, reached)

    def _segments_of(self, index: Digest) -> tuple[Digest, ...]:
        known = self._segments.get(index)
        if known is None:
            try:
                known = tuple(segments_of(self._store, index))
            except (ArtifactMissing, ArtifactCorrupt):  # nobody can read that stream; perhaps later
                return ()
            self._segments[index] = known
        return known


def mark_for(
    records: Records,
    member: Member,
    store: ArtifactStore,
    clock: Callable[[], float] = time.time,
    further: Sequence[Root] = (),
) -> Mark:
    """Write a mark for a member whose files are here, whether its server runs or not.

    What its open documents reach is in their history and journal, but for the last seconds, which are young. A history
    that is compressed only the server itself can read.

    Args:
        records: of the store.
        member: as registered, on this very host.
        store: the store.
        clock: POSIX seconds.
        further: what it keeps beside its files.

    Raises:
        RootUnreadable: also for a member without files. Nothing is written.
        StoreUnavailable, StoreFull: nothing is written.
    """
    if not member.folders:
        raise RootUnreadable(f"the notebooks of the server on {member.host} are no files that can be looked through")
    folders = [Path(folder) for folder in member.folders]
    files = FileRoots(folders, Path(member.data_dir), Path(member.history) if member.history else None)
    return Marker(records, member.id, store, [files, *further], clock).mark()


def segments_of(store: ArtifactStore, digest: Digest) -> Iterator[Digest]:
    """What an artifact reaches: segments, if it is the index of a stream; else nothing. Reads no more than it must."""
    if store.read(digest, 0, len(INDEX_HEADER)) == INDEX_HEADER:
        try:
            yield from (segment.digest for segment in from_index(store.get(digest)))
        except InvalidReference:
            return  # it begins like one
