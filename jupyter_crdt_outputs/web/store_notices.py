"""Telling users that the store fails, once, and that it works again."""

from __future__ import annotations

import asyncio
import logging

from ..errors import CrdtOutputsError, StoreFull, public_text
from ..store import ArtifactStore
from .notices import Kind, Notices

_PROBE_S = 15.0


class StoreNotices:
    """Follows a store from its first failure to the first write that succeeds.

    Args:
        store: tried with an empty artifact.
        notices: what users see.
        log: what administrators see.
    """

    def __init__(self, store: ArtifactStore, notices: Notices, log: logging.Logger) -> None:
        self._store = store
        self._notices = notices
        self._log = log
        self._probe: asyncio.Task[None] | None = None

    def failed(self, error: Exception) -> None:
        """The store did not take an output, which stays in its document."""
        kind: Kind = "store-full" if isinstance(error, StoreFull) else "store-unavailable"
        self._notices.emit(kind, f"New outputs stay in the notebook: {public_text(error)}")
        if self._probe is None or self._probe.done():
            self._log.error("outputs stay in the documents: %s", error)
            self._probe = asyncio.get_running_loop().create_task(self._wait_until_it_works())

    async def stop(self) -> None:
        """Stop asking."""
        if self._probe is not None:
            self._probe.cancel()

    async def _wait_until_it_works(self) -> None:
        while True:
            await asyncio.sleep(_PROBE_S)
            try:
                await asyncio.to_thread(self._store.put, b"a store that takes this works again")
            except CrdtOutputsError:
                continue
            self._log.info("the artifact store works again")
            self._notices.emit("recovered", "Outputs are stored again.")
            return
