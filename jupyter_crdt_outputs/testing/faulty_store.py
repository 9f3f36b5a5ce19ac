"""Stores that fail on purpose, for tests of everything above a store."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from ..errors import StoreFull, StoreUnavailable
from ..model.digest import Digest
from ..store import ArtifactStore
from ..store.blobs import Blobs, BlobStat, Entry
from ..store.layout import Area
from ..store.opening import open_blobs
from ..store.records import Records
from ..store.verified_store import VerifiedStore

__all__ = ["FullStore", "HangingStore", "UnavailableStore", "flipping_store", "truncating_store"]


class _FaultyStore(ArtifactStore):
    """A store around *inner* whose fault can be switched off and on again while it is in use.

    Attributes:
        inner: the store around which this one is. It knows nothing of the fault.
        broken: whether the fault shows.
    """

    def __init__(self, inner: ArtifactStore, *, broken: bool = True) -> None:
        self.inner = inner
        self.broken = broken

    @abstractmethod
    def _on_write(self) -> None:
        """Fail, if a write fails now."""

    @abstractmethod
    def _on_read(self) -> None:
        """Fail, if anything else fails now."""

    def put(self, data: bytes) -> Digest:
        """As *inner*, or the fault."""
        self._on_write()
        return self.inner.put(data)

    def put_many(self, artifacts: Sequence[bytes]) -> list[Digest]:
        """As *inner*, or the fault."""
        self._on_write()
        return self.inner.put_many(artifacts)

    def get(self, digest: Digest) -> bytes:
        """As *inner*, or the fault."""
        self._on_read()
        return self.inner.get(digest)

    def size(self, digest: Digest) -> int:
        """As *inner*, or the fault."""
        self._on_read()
        return self.inner.size(digest)

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """As *inner*, or the fault."""
        self._on_read()
        return self.inner.read(digest, start, stop)

    def verify(self, digest: Digest) -> int:
        """As *inner*, or the fault."""
        self._on_read()
        return self.inner.verify(digest)

    def digests(self) -> Iterator[Digest]:
        """As *inner*, or the fault."""
        self._on_read()
        return self.inner.digests()

    def delete(self, digest: Digest) -> None:
        """As *inner*, or the fault."""
        self._on_read()
        self.inner.delete(digest)


class FullStore(_FaultyStore):
    """While ``broken``, every put raises :class:`StoreFull`; what was kept before can be read."""

    def _on_write(self) -> None:
        if self.broken:
            raise StoreFull("the artifact store is full, for a test")

    def _on_read(self) -> None:
        pass


class UnavailableStore(_FaultyStore):
    """While ``broken``, every verb raises :class:`StoreUnavailable`."""

    def _on_write(self) -> None:
        self._on_read()

    def _on_read(self) -> None:
        if self.broken:
            raise StoreUnavailable("the artifact store does not answer, for a test")


class HangingStore(_FaultyStore):
    """Every verb waits, as with a network that swallows packets, until :meth:`release`; then it works.

    Attributes:
        reached: set as soon as a call waits.
    """

    def __init__(self, inner: ArtifactStore) -> None:
        super().__init__(inner)
        self.reached = threading.Event()
        self._released = threading.Event()

    def release(self) -> None:
        """Let every call go on, now and later."""
        self.broken = False
        self._released.set()

    def _on_write(self) -> None:
        self._on_read()

    def _on_read(self) -> None:
        self.reached.set()
        self._released.wait()


def flipping_store(url: str) -> ArtifactStore:
    """The store at *url*, on a disk that flips a bit in the last byte of whatever is read from it.

    The damage is below the hash, so what a caller sees is what a real store makes of it: :class:`ArtifactCorrupt`.
    """
    return VerifiedStore(_FlippingBlobs(open_blobs(url)))


def truncating_store(url: str) -> ArtifactStore:
    """The store at *url*, on a disk that loses the last byte of whatever is read from it."""
    return VerifiedStore(_TruncatingBlobs(open_blobs(url)))


class _DamagingBlobs(Blobs):
    """Blobs that are damaged on their way from *inner*, and whole in it."""

    def __init__(self, inner: Blobs) -> None:
        self._inner = inner

    @abstractmethod
    def _damage(self, data: bytes) -> bytes: ...

    @property
    def where(self) -> str:
        return self._inner.where

    def stat(self, digest: Digest) -> BlobStat | None:
        return self._inner.stat(digest)

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        return self._damage(self._inner.read(digest, start, stop))

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        self._inner.write(blobs)
        return {}  # whoever reads it must look anew

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        return self._inner.settle(blobs)

    def entries(self, area: Area = Area.ARTIFACTS, shard: str | None = None) -> Iterator[Entry]:
        return self._inner.entries(area, shard)

    def shards(self, area: Area = Area.ARTIFACTS) -> list[str]:
        return self._inner.shards(area)

    def entry(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Entry | None:
        return self._inner.entry(digest, area)

    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        return self._inner.touch(digest)

    def move(self, digest: Digest, source: Area, target: Area) -> bool:
        return self._inner.move(digest, source, target)

    def remove(self, digest: Digest, area: Area = Area.ARTIFACTS) -> None:
        self._inner.remove(digest, area)

    def flush(self) -> bool:
        return self._inner.flush()

    @property
    def records(self) -> Records:
        return self._inner.records


class _FlippingBlobs(_DamagingBlobs):
    def _damage(self, data: bytes) -> bytes:
        return data[:-1] + bytes([data[-1] ^ 1]) if data else data


class _TruncatingBlobs(_DamagingBlobs):
    def _damage(self, data: bytes) -> bytes:
        return data[:-1]
