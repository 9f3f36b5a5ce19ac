"""What becomes of each blob, and making it so."""

from __future__ import annotations

from collections.abc import Callable, Set
from threading import Lock

from ...model.digest import Digest
from ..blobs import Blobs, Entry
from ..layout import Area
from .report import Fate, Report


class Sweep:
    """One pass. Shards may be swept in several threads at once.

    Args:
        blobs: of the store.
        report: to be filled in; if it is dry, nothing is changed.
        reached: the digests in marks whose first byte is a number, 32 bytes each.
        pins: what stays.
        tombstones: what goes at once.
        fresh: what was touched after this is young for every collector that may run at the same time, POSIX seconds.
    """

    def __init__(
        self,
        blobs: Blobs,
        report: Report,
        reached: Callable[[int], Set[bytes]],
        pins: Set[Digest],
        tombstones: Set[Digest],
        fresh: float,
    ) -> None:
        self._blobs = blobs
        self._report = report
        self._reached = reached
        self._pins = pins
        self._tombstones = tombstones
        self._fresh = fresh
        self._lock = Lock()

    def shard(self, shard: str) -> None:
        """Sweep the artifacts and the trash of one shard."""
        reached = self._reached(int(shard, 16))
        artifacts = {}
        for entry in self._blobs.entries(Area.ARTIFACTS, shard):
            artifacts[entry.digest] = entry
        for entry in list(self._blobs.entries(Area.TRASH, shard)):
            self._settle(entry, Area.TRASH, self._fate_in_trash(entry, reached, artifacts.get(entry.digest)))
        for entry in artifacts.values():
            self._settle(entry, Area.ARTIFACTS, self._fate(entry, reached))

    def quarantine(self) -> None:
        """Sweep the quarantine, from which only what was purged goes."""
        for entry in self._blobs.entries(Area.QUARANTINE):
            if entry.digest in self._tombstones:
                self._settle(entry, Area.QUARANTINE, Fate.REFUSED)

    def _fate(self, entry: Entry, reached: Set[bytes]) -> Fate:
        if entry.digest in self._tombstones:
            return Fate.REFUSED
        kept = self._kept(entry, reached)
        if kept is not None:
            return kept
        if entry.modified is None:
            return Fate.UNDATED
        return Fate.YOUNG if self._is_young(entry) else Fate.TRASHED

    def _fate_in_trash(self, entry: Entry, reached: Set[bytes], artifact: Entry | None) -> Fate:
        if entry.digest in self._tombstones:
            return Fate.REFUSED
        if artifact is not None:
            return Fate.DOUBLE if artifact.modified is not None and artifact.modified >= self._fresh else Fate.WAITING
        if self._kept(entry, reached) is not None:
            return Fate.RESTORED
        return Fate.WAITING if entry.modified is None or self._is_young(entry) else Fate.REMOVED

    def _kept(self, entry: Entry, reached: Set[bytes]) -> Fate | None:
        if bytes.fromhex(entry.digest.hex) in reached:
            return Fate.MARKED
        return Fate.PINNED if entry.digest in self._pins else None

    def _is_young(self, entry: Entry) -> bool:
        """Of a blob with a time: whether it is too young to go from where it is."""
        cutoff = self._report.cutoff
        return cutoff is None or entry.modified is None or entry.modified >= cutoff

    def _settle(self, entry: Entry, area: Area, fate: Fate) -> None:
        if not self._report.is_dry and not self._act(entry, area, fate):
            return  # somebody touched or took it since it was listed
        with self._lock:
            self._report.tallies[fate].add(entry.size)

    def _act(self, entry: Entry, area: Area, fate: Fate) -> bool:
        digest = entry.digest
        match fate:
            case Fate.TRASHED:
                return self._is_still_old(digest, area) and self._blobs.move(digest, area, Area.TRASH)
            case Fate.REMOVED:
                if not self._is_still_old(digest, area):
                    return False
                self._blobs.remove(digest, area)
            case Fate.RESTORED:
                return self._blobs.move(digest, area, Area.ARTIFACTS)
            case Fate.DOUBLE | Fate.REFUSED:
                self._blobs.remove(digest, area)
        return True

    def _is_still_old(self, digest: Digest, area: Area) -> bool:
        """Asked anew: a touch may have come since the listing."""
        entry = self._blobs.entry(digest, area)
        return entry is not None and not self._is_young(entry)
