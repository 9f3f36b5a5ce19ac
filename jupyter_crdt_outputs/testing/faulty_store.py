"""Stores that fail on purpose, for tests of everything above a store."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator, Sequence

from ..errors import StoreFull, StoreUnavailable
from ..model.digest import Digest
from ..store import ArtifactStore

__all__ = ["FullStore", "HangingStore", "UnavailableStore"]


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
