"""Stores on a disk that damages what is read from it: below the hash, so that it shows what a store makes of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping

from ..model.digest import Digest
from ..store import ArtifactStore
from ..store.blobs import Blobs, BlobStat, Entry
from ..store.layout import Area
from ..store.opening import open_blobs
from ..store.records import Records
from ..store.verified_store import VerifiedStore

__all__ = ["flipping_store", "truncating_store"]


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
