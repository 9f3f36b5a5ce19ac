"""What an artifact store stands on: blobs that somebody else has named, and that nobody has looked into."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..model.digest import Digest
from .layout import Area
from .records import Records


@dataclass(frozen=True, slots=True)
class BlobStat:
    """What a file system says about a blob without reading it.

    Attributes:
        size: in bytes.
        version: differs when the blob was written again. How finely, depends on the file system: an entity tag, a
            modification time, or nothing at all where it offers none.
        modified: when the bytes were written, in POSIX seconds by the clock of the file system, or later, where a
            touch cannot be told from a write; None where it does not say. Equal stats may differ in it.
    """

    size: int
    version: str
    modified: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A blob in a listing.

    Attributes:
        digest: its name.
        size: in bytes.
        modified: when it was written, moved or touched last, in POSIX seconds by the clock of the file system; None
            where it does not say.
    """

    digest: Digest
    size: int
    modified: float | None


class Blobs(ABC):
    """Dumb bytes on one file system. Knows how to write so that they last; does not know what a hash is.

    A blob lies in one of three areas, see :class:`.layout.Area`; what takes no area means the artifacts. Every method
    blocks, is thread-safe, and raises :class:`StoreUnavailable` when the file system fails.
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

    def read_with_stat(self, digest: Digest, start: int, stop: int) -> tuple[bytes, BlobStat | None]:
        """As :meth:`read`, with a stat of the blob that was read, or of what was there after it was read.

        Raises:
            ArtifactMissing: there is no such blob.
        """
        return self.read(digest, start, stop), self.stat(digest)

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
    def entries(self, area: Area = Area.ARTIFACTS, shard: str | None = None) -> Iterator[Entry]:
        """Every blob of an area, in no order. Files with other names are passed over.

        Lazy: of a million blobs, those of a few shards are in memory at a time, and none is asked about by itself.

        Args:
            area: the area.
            shard: only those of one of the folders ``layout.SHARDS``, so that several can be listed at once.
        """

    @abstractmethod
    def shards(self, area: Area = Area.ARTIFACTS) -> list[str]:
        """The folders of an area that are there; no blob is in another one. One listing."""

    @abstractmethod
    def entry(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Entry | None:
        """What :meth:`entries` would say of one blob, asked anew; None when it is not there."""

    @abstractmethod
    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        """Let an artifact count as written now; its bytes stay as they are.

        Returns:
            The stats just before and after, by which a caller can keep up what it knows of the blob; None when it is
            not there, also when it went meanwhile.
        """

    @abstractmethod
    def move(self, digest: Digest, source: Area, target: Area) -> bool:
        """Move a blob; it counts as written now. False when there is none in *source*.

        Whoever looks meanwhile finds it in one of the areas or in both, and so does whoever looks after a crash, or
        while others move it to and fro. A move to the artifacts is durable, takes nothing away from there, and may
        leave a copy in *source*, which is for the collector to remove. Another move replaces what is in *target*.
        """

    @abstractmethod
    def remove(self, digest: Digest, area: Area = Area.ARTIFACTS) -> None:
        """Remove the blob if it is there. Not durable: after a power failure it may be back."""

    @abstractmethod
    def flush(self) -> bool:
        """Let each blob stand on its own file alone, so that what is removed from now on stays away.

        Returns:
            Whether that is so. False: another process still holds copies of what it has written in the last seconds.
        """

    @property
    @abstractmethod
    def records(self) -> Records:
        """What housekeeping writes down in this store."""
