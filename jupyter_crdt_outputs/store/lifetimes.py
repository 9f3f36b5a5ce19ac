"""The collector's rule as it binds whoever puts and reads: use makes young, and asking brings back from the trash."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..model.digest import Digest
from .blobs import Blobs, BlobStat
from .failures import corrupt, missing
from .layout import Area
from .parallel import each
from .recent import Recent
from .tombstones import Tombstones

TOUCH_AGAIN_S = 24 * 3600.0
"""What was written or touched within this time is not touched again. Grace is longer."""

_REMEMBERED = 100_000


class Lifetimes:
    """Which artifacts of *blobs* are in use, as far as this process has to do with it. Thread-safe.

    Args:
        blobs: where they are.
        clock: POSIX seconds.
        restamped: told of an artifact's stats before and after a touch.

    Attributes:
        tombstones: of what was removed for good.
    """

    def __init__(
        self, blobs: Blobs, clock: Callable[[], float], restamped: Callable[[Digest, BlobStat, BlobStat], None]
    ) -> None:
        self.tombstones = Tombstones(blobs.records, blobs.where, clock)
        self._blobs = blobs
        self._clock = clock
        self._restamped = restamped
        self._touched: Recent[Digest, float] = Recent(_REMEMBERED)

    def touch_all(self, digests: Iterable[Digest]) -> None:
        """Touch what this process has not touched within a day; what lies in the trash comes back.

        Raises:
            StoreUnavailable: some were not touched; doing it again is right.
        """
        each(lambda digest: self.touch(digest) or self._move_back(digest), filter(self._is_due, set(digests)))

    def touch(self, digest: Digest) -> bool:
        """Touch an artifact; False when it is not there."""
        touched = self._blobs.touch(digest)
        if touched is None:
            return False
        self._restamped(digest, *touched)
        self._touched.put(digest, self._clock())
        return True

    def is_old(self, digest: Digest, found: BlobStat) -> bool:
        """Whether an artifact may be about to be collected, as far as its stat and this process know."""
        is_young = found.modified is not None and abs(self._clock() - found.modified) < TOUCH_AGAIN_S
        return not is_young and self._is_due(digest)

    def bring_back(self, digest: Digest) -> None:
        """Have a missing artifact back from the trash.

        Raises:
            ArtifactRemoved, ArtifactCorrupt, ArtifactMissing: it is not there to be had; which says why.
        """
        if self._blobs.stat(digest) is not None or self._move_back(digest):
            return  # or somebody else was faster
        removed = self.tombstones.error(digest)
        if removed is not None:
            raise removed
        if self._blobs.entry(digest, Area.QUARANTINE) is not None:
            raise corrupt(digest, self._blobs.where)
        raise missing(digest, self._blobs.where)

    def refuse_removed(self, digest: Digest) -> None:
        """Raise :class:`ArtifactRemoved` for what was removed for good, also while its bytes are still there."""
        if self.tombstones.among([digest]):
            removed = self.tombstones.error(digest)
            if removed is not None:
                raise removed

    def forget(self, digest: Digest) -> None:
        """Know nothing of an artifact any more."""
        self._touched.drop(digest)

    def _is_due(self, digest: Digest) -> bool:
        touched_at = self._touched.get(digest)
        return touched_at is None or abs(self._clock() - touched_at) >= TOUCH_AGAIN_S

    def _move_back(self, digest: Digest) -> bool:
        if not self._blobs.move(digest, Area.TRASH, Area.ARTIFACTS):
            return False
        self._touched.put(digest, self._clock())
        return True
