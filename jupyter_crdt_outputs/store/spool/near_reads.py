"""Reading from the nearest place that has an artifact."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from ...errors import ArtifactCorrupt, ArtifactMissing, StoreFull, StoreUnavailable
from ...model.digest import Digest
from ..artifact_store import ArtifactStore
from ..tombstones import REFRESH_S, tombstones_of
from ..verified_store import VerifiedStore
from .cache import Cache
from .remote import Remote
from .single_flight import SingleFlight

T = TypeVar("T")

_CHUNK_BYTES = 1 << 23


class NearReads:
    """Asks the spool, the cache, the store, in this order, and keeps in the cache what came from the store.

    What was purged, by whomever, is let go within a minute of the next read.

    Args:
        spool: has what waits to be uploaded.
        cache: has what was fetched or uploaded.
        remote: the store.
        let_go: called with an artifact that was purged.
        log: for administrators.
    """

    def __init__(
        self, spool: ArtifactStore, cache: Cache, remote: Remote, let_go: Callable[[Digest], None], log: logging.Logger
    ) -> None:
        self._spool = spool
        self._cache = cache
        self._remote = remote
        self._let_go = let_go
        self._log = log
        self._fetches: SingleFlight[Digest, bool] = SingleFlight()
        self._removed: set[Digest] = set()
        self._asked_for_removed_at = -REFRESH_S

    def ask(self, digest: Digest, question: Callable[[ArtifactStore], T], *, keep: bool = True) -> T:
        """What a store that has the artifact answers.

        Args:
            digest: the artifact.
            question: asked of one store after the other; raises :class:`ArtifactMissing` where it is not.
            keep: whether an artifact that is only in the store is worth fetching as a whole.

        Raises:
            StoreUnavailable: it is not near, and the store does not answer.
        """
        self._look_for_removed()
        if digest in self._removed:
            return self._remote.ask(question)  # which says when it was
        try:
            return question(self._spool)
        except ArtifactMissing:
            pass  # it is uploaded
        answer = self._cache.ask(digest, question)
        if answer is None and keep and self._fetches.do(digest, lambda: self._fetch(digest)):
            answer = self._cache.ask(digest, question)
        return self._remote.ask(question) if answer is None else answer

    def _fetch(self, digest: Digest) -> bool:
        """Bring an artifact into the cache; tells whether there was room for it."""
        try:
            return self._remote.ask(lambda remote: self._fetch_from(remote, digest))
        except StoreFull as error:
            self._log.warning("artifacts are read without being kept: %s", error)
            return False

    def _fetch_from(self, remote: VerifiedStore, digest: Digest) -> bool:
        size = remote.size(digest)
        if size > self._cache.max_bytes // 2:
            return False
        try:
            self._cache.fill(digest, _chunks(remote, digest, size))
        except ArtifactCorrupt:
            remote.verify(digest)  # raises, and remembers, what is damaged there and not on its way
            self._cache.fill(digest, _chunks(remote, digest, size))
        return True

    def _look_for_removed(self) -> None:
        """Once a minute, in a thread: nobody waits for it."""
        now = time.monotonic()
        if now - self._asked_for_removed_at >= REFRESH_S:
            self._asked_for_removed_at = now
            threading.Thread(target=self._let_go_of_removed, name="removed", daemon=True).start()

    def _let_go_of_removed(self) -> None:
        try:
            removed = self._remote.ask(lambda remote: tombstones_of(remote.blobs.records))
        except StoreUnavailable:
            return  # asked again in a minute
        for digest in removed - self._removed:
            self._let_go(digest)
        self._removed = removed


def _chunks(remote: VerifiedStore, digest: Digest, size: int) -> Iterator[bytes]:
    for start in range(0, size, _CHUNK_BYTES):
        yield remote.blobs.read(digest, start, min(start + _CHUNK_BYTES, size))
