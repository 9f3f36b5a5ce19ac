"""How much a store may hold: what a server adds is counted as it comes, and all there is now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from ...errors import StoreFull
from ...model.digest import Digest
from ...model.sizes import size_text
from ..artifact_store import ArtifactStore
from ..blobs import Blobs
from ..layout import Area
from ..recent import Recent

_WARNED_AT = 0.9
_REMEMBERED = 100_000


class QuotaStore(ArtifactStore):
    """A store that takes nothing beyond a number of bytes; what it holds can be read as ever.

    Equal artifacts are counted once, as far as it remembers; :meth:`count` corrects that, and what other servers added.

    Args:
        inner: the store.
        quota_bytes: what all servers' artifacts may take together, those in trash and quarantine included.
        warn: called with a sentence when nine tenths are reached, once for each time; from any thread.
    """

    def __init__(self, inner: ArtifactStore, quota_bytes: int, warn: Callable[[str], object]) -> None:
        self._inner = inner
        self.quota_bytes = quota_bytes
        self._warn = warn
        self._lock = threading.Lock()
        self._counted: Recent[Digest, bool] = Recent(_REMEMBERED)
        self._used: int | None = None
        self._is_warned = False

    @property
    def used_bytes(self) -> int | None:
        """What the store holds, as far as is known; None before the first count."""
        return self._used

    def count(self, blobs: Blobs) -> int:
        """Add up what is in the store itself; lists all of it, in constant memory."""
        used = sum(entry.size for area in Area for entry in blobs.entries(area))
        with self._lock:
            self._used = used
        self._look()
        return used

    def put(self, data: bytes) -> Digest:
        """As *inner*, within the quota."""
        return self.put_many([data])[0]

    def put_many(self, artifacts: Sequence[bytes]) -> list[Digest]:
        """As *inner*; raises :class:`StoreFull` for what would go beyond the quota, all of it."""
        size = sum(map(len, artifacts))
        if self._used is not None and self._used + size > self.quota_bytes:
            raise StoreFull(
                f"the quota of the artifact store is used up: {size_text(self._used)} of "
                f"{size_text(self.quota_bytes)}. Ask whoever runs this server to raise it, or to collect what is no "
                "longer in use."
            )
        digests = self._inner.put_many(artifacts)
        with self._lock:
            for digest, data in zip(digests, artifacts, strict=True):
                if self._used is not None and not self._counted.get(digest):
                    self._used += len(data)
                self._counted.put(digest, True)
        self._look()
        return digests

    def get(self, digest: Digest) -> bytes:
        """As *inner*."""
        return self._inner.get(digest)

    def size(self, digest: Digest) -> int:
        """As *inner*."""
        return self._inner.size(digest)

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """As *inner*."""
        return self._inner.read(digest, start, stop)

    def verify(self, digest: Digest) -> int:
        """As *inner*."""
        return self._inner.verify(digest)

    def digests(self) -> Iterator[Digest]:
        """As *inner*."""
        return self._inner.digests()

    def delete(self, digest: Digest) -> None:
        """As *inner*."""
        self._inner.delete(digest)

    def _look(self) -> None:
        used = self._used
        is_near = used is not None and used >= _WARNED_AT * self.quota_bytes
        with self._lock:
            begins, self._is_warned = is_near and not self._is_warned, is_near
        if begins and used is not None:
            self._warn(
                f"The artifact store is nearly full: {size_text(used)} of the {size_text(self.quota_bytes)} that it "
                "may hold. When the quota is used up, new outputs stay in their notebooks."
            )
