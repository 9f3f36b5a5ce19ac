"""The artifact store: blobs whose names are proven."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..errors import ArtifactCorrupt, ArtifactMissing, StoreUnavailable
from ..model.digest import Digest
from .artifact_store import ArtifactStore
from .blobs import Blobs, BlobStat
from .failures import corrupt
from .findings import Findings
from .lifetimes import Lifetimes
from .parallel import each

_HASH_BYTES = 1 << 20
_ATTEMPTS = 3
_BLIND_BYTES = 1 << 20  # what is smaller is written without a look, where a look costs as much


class VerifiedStore(ArtifactStore):
    """An :class:`ArtifactStore` on *blobs*. It alone knows that a name is a hash.

    What it has once found durable or hashed it remembers together with the stat at that moment, so a blob that was
    changed, removed or replaced behind its back is looked at again. Damage that leaves size and version as they were
    is seen by :meth:`get` and :meth:`verify`, which always hash.

    It keeps the collector's rule: whoever puts an old artifact again makes it young, and whoever asks for one that
    lies in the trash brings it back.

    Args:
        blobs: where the bytes are.
        clock: POSIX seconds.

    Attributes:
        blobs: as given.
    """

    def __init__(self, blobs: Blobs, clock: Callable[[], float] = time.time) -> None:
        self.blobs = blobs
        self._findings = Findings()
        self._lifetimes = Lifetimes(blobs, clock, self._findings.restamped)

    def put(self, data: bytes) -> Digest:
        """As promised; a repeated put costs the hash and one stat, and once a day a touch."""
        return self.put_many([data])[0]

    def put_many(self, artifacts: Sequence[bytes]) -> list[Digest]:
        """As promised; equal artifacts are written once, and hashes, writes and fsyncs overlap."""
        digests = each(Digest.of, artifacts)
        self.put_hashed(dict(zip(digests, artifacts, strict=True)))
        return digests

    def put_hashed(self, artifacts: Mapping[Digest, bytes]) -> None:
        """As :meth:`put_many`, for a caller who has hashed them."""
        distinct = dict(artifacts)
        for removed in self._lifetimes.tombstones.among(distinct):
            del distinct[removed]
        absent = self._not_held(distinct)
        if absent:
            written = self.blobs.write(absent)
            for digest in absent:
                self._lifetimes.forget(digest)
            self._findings.wrote(absent, written)

    def get(self, digest: Digest) -> bytes:
        """As promised; always hashes."""
        self._lifetimes.refuse_removed(digest)
        try:
            data = self.blobs.read(digest)
        except ArtifactMissing:
            self._lifetimes.bring_back(digest)
            data = self.blobs.read(digest)
        if Digest.of(data) != digest:
            raise self._found_corrupt(digest)
        return data

    def size(self, digest: Digest) -> int:
        """As promised; one stat."""
        self._lifetimes.refuse_removed(digest)
        return self._stat(digest).size

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """As promised; a later call costs one read and one stat."""
        if start < 0 or stop < 0:
            raise ValueError(f"a slice starts and stops at 0 or more, not at {start} and {stop}")
        self._lifetimes.refuse_removed(digest)
        disproved: BlobStat | None = None
        for _ in range(_ATTEMPTS):
            known = self._findings.verified(digest)
            if known is None or known == disproved:
                known = self._verify(digest)
            stop = min(stop, known.size)
            try:
                data, found = (
                    self.blobs.read_with_stat(digest, start, stop) if start < stop else (b"", self._stat(digest))
                )
            except ArtifactMissing:
                self._lifetimes.bring_back(digest)
                continue
            # Asked after reading: equal means that nothing changed between the hash and these bytes.
            if found == known:
                return data
            disproved = known
        raise self._unsettled(digest)

    def verify(self, digest: Digest) -> int:
        """As promised, 1 MiB at a time."""
        self._lifetimes.refuse_removed(digest)
        return self._verify(digest).size

    def digests(self) -> Iterator[Digest]:
        """As promised."""
        return (entry.digest for entry in self.blobs.entries())

    def delete(self, digest: Digest) -> None:
        """As promised."""
        self.blobs.remove(digest)
        self._lifetimes.forget(digest)
        self._findings.forget(digest)

    def touch(self, digests: Iterable[Digest]) -> None:
        """Let artifacts count as used now: something refers to them. What lies in the trash comes back.

        Costs nothing for what this store has touched within a day; missing ones are passed over. No verb of the
        contract: who keeps artifacts for good need not know how they are collected.

        Raises:
            StoreUnavailable: some were not touched; doing it again is right.
        """
        self._lifetimes.touch_all(digests)

    def is_removed(self, digest: Digest) -> bool:
        """Whether the artifact was purged, so that a put keeps nothing; true within a minute, everywhere."""
        return bool(self._lifetimes.tombstones.among([digest]))

    def _not_held(self, artifacts: Mapping[Digest, bytes]) -> dict[Digest, bytes]:
        """Those of *artifacts* that must be written. Asks anew each time: another process may have deleted some."""
        seen = [digest for digest in artifacts if not self._to_be_written_blindly(digest, artifacts[digest])]
        stats = zip(seen, each(self.blobs.stat, seen), strict=True)
        there = {
            digest: found
            for digest, found in stats
            if found and found.size == len(artifacts[digest]) and not self._findings.is_damaged(digest)
        }
        unsettled = {digest for digest, found in there.items() if not self._findings.is_durable(digest, found)}
        if unsettled:
            settled = self.blobs.settle({digest: artifacts[digest] for digest in unsettled})
            self._findings.settled(settled)
            unsettled -= settled.keys()
        old = [digest for digest in there.keys() - unsettled if self._lifetimes.is_old(digest, there[digest])]
        unsettled |= {digest for digest, lives in zip(old, each(self._lifetimes.touch, old), strict=True) if not lives}
        return {digest: data for digest, data in artifacts.items() if digest not in there or digest in unsettled}

    def _to_be_written_blindly(self, digest: Digest, data: bytes) -> bool:
        """One round trip instead of two, unless this store wrote the artifact before: then it is probably there."""
        is_cheap = self.blobs.stat_costs_a_round_trip and len(data) < _BLIND_BYTES
        return is_cheap and not self._findings.was_written(digest)

    def _verify(self, digest: Digest) -> BlobStat:
        for _ in range(_ATTEMPTS):
            before = self._stat(digest)
            hashed = hashlib.sha256()
            for start in range(0, before.size, _HASH_BYTES):
                hashed.update(self.blobs.read(digest, start, min(start + _HASH_BYTES, before.size)))
            if self._stat(digest) != before:
                continue  # written again while it was read: neither right nor wrong
            if hashed.hexdigest() != digest.hex:
                raise self._found_corrupt(digest)
            self._findings.hashed(digest, before)
            return before
        raise self._unsettled(digest)

    def _stat(self, digest: Digest) -> BlobStat:
        found = self.blobs.stat(digest)
        if found is None:
            self._lifetimes.bring_back(digest)
            found = self.blobs.stat(digest)
        if found is None:
            raise self._unsettled(digest)
        return found

    def _found_corrupt(self, digest: Digest) -> ArtifactCorrupt:
        self._lifetimes.forget(digest)
        self._findings.damaged(digest)
        return corrupt(digest, self.blobs.where)

    def _unsettled(self, digest: Digest) -> StoreUnavailable:
        return StoreUnavailable(
            f"artifact {digest} in the artifact store at {self.blobs.where} changes while it is read. Try again later.",
            public=f"artifact {digest} changes while it is read. Try again later.",
        )
