"""A store far away that feels near: its outages are nobody's but the administrator's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...errors import ArtifactCorrupt, ArtifactMissing, StoreFull
from ...model.digest import Digest
from ...model.sizes import size_text
from .. import layout
from ..artifact_store import ArtifactStore
from ..local import LocalBlobs
from ..parallel import each
from ..state import StoreState
from ..verified_store import VerifiedStore
from .cache import Cache
from .near_reads import NearReads
from .remote import Remote
from .uploads import Uploads

SPOOL = "spool"
"""The folder of what is not uploaded yet."""

CACHE = "cache"
"""The folder of copies, beside it."""

_CONFIRMED_S = 24 * 3600.0
"""For how long an artifact that was in the store is believed to be: far less than it takes garbage to go."""
_STOP_S = 5.0


class SpooledStore(ArtifactStore):
    """An :class:`ArtifactStore` that acknowledges what is durable in a folder here, and uploads it behind.

    Until then everybody on this server reads it from the folder; what this process is stopped or killed with is
    uploaded by the next one on the same folder. Reads go to the spool, the cache, the store, in this order; what
    comes from the store stays in the cache. While the store does not answer, puts go on until the spool is full, and
    reads of what is not here fail at once instead of waiting.

    Args:
        open_remote: the store, opened at the first use and again after a failure. Raises :class:`StoreUnavailable`.
        folder: of spool and cache, for this store only. Processes on it at the same time do no harm.
        spool_max_bytes: what may wait to be uploaded.
        cache_max_bytes: what may be kept of what has been.
        log: for administrators.
    """

    def __init__(
        self,
        open_remote: Callable[[], VerifiedStore],
        folder: Path,
        spool_max_bytes: int,
        cache_max_bytes: int,
        log: logging.Logger,
    ) -> None:
        self._remote = Remote(open_remote)
        self._spool_folder = folder / SPOOL
        self._spool_max_bytes = spool_max_bytes
        self._spool = VerifiedStore(LocalBlobs(self._spool_folder))
        self._cache = Cache(folder / CACHE, cache_max_bytes)
        self._reads = NearReads(self._spool, self._cache, self._remote, self._let_go, log)
        self._log = log
        self._changed: Callable[[], None] = lambda: None
        self._uploads = Uploads(self._upload, lambda: self._changed(), log)

    def start(self, changed: Callable[[], None] = lambda: None) -> None:
        """Upload what earlier processes left. Blocks for as long as it takes to list it.

        Args:
            changed: called from now on, in any thread, when :meth:`state` has become another.
        """
        self._changed = changed
        left = self._spool.blobs.entries(layout.Area.ARTIFACTS)
        oldest_first = sorted(left, key=lambda entry: entry.modified or 0.0)
        self._uploads.add({entry.digest: entry.size for entry in oldest_first})

    def stop(self) -> None:
        """Let what is under way end, for a few seconds; the rest is for the next process."""
        self._uploads.stop(_STOP_S)

    def state(self) -> StoreState:
        """What waits, and why."""
        waiting, waiting_bytes = self._uploads.total()
        return StoreState(waiting, waiting_bytes, self._uploads.trouble)

    def waiting(self) -> list[Digest]:
        """What is not in the store yet, oldest first."""
        return list(self._uploads.waiting())

    def is_away(self, digest: Digest) -> bool:
        """Whether nothing of an artifact waits here, and the store answers, as far as anybody knows: one look here."""
        try:
            self._spool.size(digest)
        except ArtifactMissing:
            return not self._uploads.trouble
        return False

    def put(self, data: bytes) -> Digest:
        """As promised, but that readers elsewhere see it only when it is uploaded."""
        return self.put_many([data])[0]

    def put_many(self, artifacts: Sequence[bytes]) -> list[Digest]:
        """As :meth:`put`. Costs what a local store costs, however the store behind does.

        Raises:
            StoreFull: too much waits already, or the local disk is full.
        """
        digests = each(Digest.of, artifacts)
        since = time.time() - _CONFIRMED_S
        fresh = {
            digest: data
            for digest, data in zip(digests, artifacts, strict=True)
            if not self._cache.is_confirmed(digest, since)
        }
        self._check_room(fresh)
        self._spool.put_hashed(fresh)
        self._uploads.add({digest: len(data) for digest, data in fresh.items()})
        return digests

    def get(self, digest: Digest) -> bytes:
        """As promised."""
        return self._reads.ask(digest, lambda store: store.get(digest))

    def size(self, digest: Digest) -> int:
        """As promised; of what is not here, one round trip."""
        return self._reads.ask(digest, lambda store: store.size(digest), keep=False)

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """As promised; the first read of what is not here fetches all of it."""
        return self._reads.ask(digest, lambda store: store.read(digest, start, stop))

    def verify(self, digest: Digest) -> int:
        """As promised: what has been uploaded is hashed in the store itself."""
        try:
            return self._spool.verify(digest)
        except ArtifactMissing:
            return self._remote.ask(lambda remote: remote.verify(digest))

    def digests(self) -> Iterator[Digest]:
        """As promised, with what waits."""
        waiting = set(self._uploads.waiting())
        yield from waiting
        for digest in self._remote.ask(lambda remote: remote.digests()):
            if digest not in waiting:
                yield digest

    def delete(self, digest: Digest) -> None:
        """As promised."""
        self._let_go(digest)
        self._remote.ask(lambda remote: remote.delete(digest))

    def _upload(self, digest: Digest) -> None:
        try:
            data = self._spool.get(digest)
        except ArtifactMissing:
            return  # another process on this folder has uploaded it
        except ArtifactCorrupt:
            self._log.exception("artifact %s was damaged on the local disk before it was uploaded", digest)
            return
        remote = self._remote.opened()
        remote.put_hashed({digest: data})
        if digest not in self._uploads:  # deleted while it was on its way
            remote.delete(digest)
        if digest not in self._uploads or remote.is_removed(digest):
            self._spool.delete(digest)
            return
        try:
            self._cache.take(digest, self._spool_path(digest), len(data))
        except OSError:
            self._log.exception("the cache takes nothing")
            self._spool.delete(digest)

    def _let_go(self, digest: Digest) -> None:
        """Have the artifact nowhere on this server."""
        self._uploads.drop(digest)
        self._spool.delete(digest)
        self._cache.drop(digest)

    def _check_room(self, artifacts: dict[Digest, bytes]) -> None:
        waiting, waiting_bytes = self._uploads.total()
        if waiting and waiting_bytes + sum(map(len, artifacts.values())) > self._spool_max_bytes:
            raise StoreFull(
                f"{waiting:,} outputs of {size_text(waiting_bytes)} wait to be stored, and no more may wait: make the "
                f"store answer again, or raise CrdtOutputsApp.spool_max_bytes. {self._uploads.trouble}"
            )

    def _spool_path(self, digest: Digest) -> Path:
        return self._spool_folder / layout.key_of(digest)
