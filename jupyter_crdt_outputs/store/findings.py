"""What was found out about artifacts, so that it need not be found out again while nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.digest import Digest
from .blobs import BlobStat
from .recent import Recent

_REMEMBERED = 100_000  # about 30 MB when full


class Findings:
    """Each holds for the stat at its moment: a blob with another one was changed, and is to be looked at again.

    What is known of the artifacts that were used least recently is forgotten. Thread-safe.
    """

    def __init__(self) -> None:
        self._durable: Recent[Digest, BlobStat] = Recent(_REMEMBERED)
        self._verified: Recent[Digest, BlobStat] = Recent(_REMEMBERED)
        self._corrupt: Recent[Digest, bool] = Recent(_REMEMBERED)
        self._written: Recent[Digest, bool] = Recent(_REMEMBERED)

    def wrote(self, digests: Mapping[Digest, bytes], stats: Mapping[Digest, BlobStat]) -> None:
        """These were just written: whole and durable, with these stats where they are known."""
        for digest in digests:
            self.forget(digest)
            self._written.put(digest, True)
        for digest, found in stats.items():
            self._durable.put(digest, found)
            self._verified.put(digest, found)

    def was_written(self, digest: Digest) -> bool:
        """Whether this process wrote it, whatever became of it."""
        return self._written.get(digest) is not None

    def settled(self, stats: Mapping[Digest, BlobStat]) -> None:
        """These are durable."""
        for digest, found in stats.items():
            self._durable.put(digest, found)

    def is_durable(self, digest: Digest, found: BlobStat) -> bool:
        """Whether a blob with this stat is."""
        return self._durable.get(digest) == found

    def hashed(self, digest: Digest, found: BlobStat) -> None:
        """The blob with this stat hashes to its name."""
        self._verified.put(digest, found)
        self._corrupt.drop(digest)

    def verified(self, digest: Digest) -> BlobStat | None:
        """The stat of the blob that hashed to its name."""
        return self._verified.get(digest)

    def damaged(self, digest: Digest) -> None:
        """It does not hash to its name."""
        self.forget(digest)
        self._corrupt.put(digest, True)

    def is_damaged(self, digest: Digest) -> bool:
        """Whether it did not when it was hashed last, and was not written since."""
        return self._corrupt.get(digest) is not None

    def restamped(self, digest: Digest, before: BlobStat, after: BlobStat) -> None:
        """Only its time has changed: what is known of it stays known."""
        for known in (self._durable, self._verified):
            if known.get(digest) == before:
                known.put(digest, after)

    def forget(self, digest: Digest) -> None:
        """Know nothing of an artifact any more."""
        for known in (self._durable, self._verified, self._corrupt, self._written):
            known.drop(digest)
