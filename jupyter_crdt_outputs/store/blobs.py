"""What an artifact store stands on: blobs that somebody else has named, and that nobody has looked into."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model.digest import Digest


@dataclass(frozen=True, slots=True)
class BlobStat:
    """What a file system says about a blob without reading it.

    Attributes:
        size: in bytes.
        version: differs when the blob was written again. How finely, depends on the file system: an entity tag, a
            modification time, or nothing at all where it offers none.
    """

    size: int
    version: str


class Blobs(ABC):
    """Dumb bytes on one file system. Knows how to write so that they last; does not know what a hash is.

    Every method blocks, is thread-safe, and raises :class:`StoreUnavailable` when the file system fails.
    """

    @property
    @abstractmethod
    def where(self) -> str:
        """The place, for messages to people. Holds no secrets."""

    @property
    def stat_costs_a_round_trip(self) -> bool:
        """Whether to look first costs as much as to write a small blob again, atomically."""
        return False

    @abstractmethod
    def stat(self, digest: Digest) -> BlobStat | None:
        """What is there, always asked anew; None when nothing is. Never raises :class:`ArtifactMissing`."""

    @abstractmethod
    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes from *start* up to *stop* (None: the end), unverified. Fewer when the blob ends before.

        Raises:
            ArtifactMissing: there is no such blob.
        """

    @abstractmethod
    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Write each blob, atomically and durably, over whatever is there. Together they are not atomic.

        Returns:
            The stat of each blob just written, where the file system tells it for nothing.

        Raises:
            StoreFull: no room. No part of any blob is left, under any name.
        """

    @abstractmethod
    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Make sure that blobs already there are durable and, as far as that is cheap, that they are what is given.

        Returns:
            The stat of each blob that is right. The others must be written again. The caller has compared the sizes.
        """

    @abstractmethod
    def digests(self) -> Iterator[Digest]:
        """Every blob's digest, in no order. Files with other names are passed over."""

    @abstractmethod
    def delete(self, digest: Digest) -> None:
        """Remove the blob if it is there."""
