"""The store of a server, with what stands before it: spool, quota, signatures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread

from .files.thumbnails import Thumbnails
from .model.digest import Digest
from .settings import Settings
from .store import open_store
from .store.archive import Archive
from .store.collection.quota import QuotaStore
from .store.signing import SignedUrl, UrlSigner
from .store.spool import SPOOLS, SpooledStore, open_spooled
from .store.state import StoreState
from .store.verified_store import VerifiedStore
from .web.artifacts import UrlOf


class Stores:
    """One store in the forms in which a server uses it.

    Args:
        settings: of the server.
        data_dir: where spool and cache are.
        nearly_full: called with a sentence when the quota is nearly used up; from any thread.
        log: for administrators.

    Raises:
        InvalidSetting: thumbnails are to be made, and nothing is installed that makes them.

    Attributes:
        reader: reads, and takes what must not be refused: a notebook can always be opened, whatever the quota.
        writer: takes new outputs, within the quota.
        quota: counts them; None where there is no limit.
        archive: offloads into and restores from :attr:`reader`.
        recorded: the same into :attr:`writer`.
    """

    def __init__(
        self, settings: Settings, data_dir: Path, nearly_full: Callable[[str], object], log: logging.Logger
    ) -> None:
        self._url = settings.store_url
        self._log = log
        self._own: VerifiedStore | None = None
        self._opening = Lock()
        folder = data_dir / SPOOLS
        self.reader = open_spooled(self._url, folder, settings.spool_max_bytes, settings.cache_max_bytes, log)
        self.quota = QuotaStore(self.reader, settings.quota_bytes, nearly_full) if settings.quota_bytes else None
        self.writer = self.quota or self.reader
        thumbnails = Thumbnails(self.reader, log) if settings.thumbnails else None
        self.archive = Archive(self.reader, settings.policy, thumbnails)
        self.recorded = Archive(self.writer, settings.policy)
        self._signed_url_s = settings.signed_url_s

    def own(self) -> VerifiedStore:
        """The store itself, with nothing before it. Blocks; raises StoreUnavailable."""
        with self._opening:
            if self._own is None:
                self._own = self.reader if isinstance(self.reader, VerifiedStore) else open_store(self._url)
            return self._own

    def state(self) -> StoreState:
        """How things stand. What is written to a local store is there at once."""
        state = self.reader.state() if isinstance(self.reader, SpooledStore) else StoreState()
        if self.quota is None:
            return state
        return replace(state, used_bytes=self.quota.used_bytes, quota_bytes=self.quota.quota_bytes)

    def waiting(self) -> list[Digest]:
        """What is not in the store yet."""
        return self.reader.waiting() if isinstance(self.reader, SpooledStore) else []

    def url_of(self) -> UrlOf | None:
        """What gives browsers the addresses of artifacts in their bucket; None where that is off.

        Raises:
            InvalidSetting: the store has no such addresses.
        """
        if not self._signed_url_s:
            return None
        signer = UrlSigner(self._url, self._signed_url_s, self._log)

        def url_of(digest: Digest, content_type: str, disposition: str) -> SignedUrl | None:
            if isinstance(self.reader, SpooledStore) and not self.reader.is_away(digest):
                return None
            return signer.url_of(digest, content_type, disposition)

        return url_of

    def start(self, changed: Callable[[], None]) -> None:
        """Begin to upload. *changed* is called, in any thread, when :meth:`state` has become another."""
        if isinstance(self.reader, SpooledStore):
            # Its folder may be long to list.
            Thread(target=self.reader.start, args=[changed], name="spool", daemon=True).start()

    async def stop(self) -> None:
        """Let uploads that are under way end."""
        if isinstance(self.reader, SpooledStore):
            await asyncio.to_thread(self.reader.stop)
