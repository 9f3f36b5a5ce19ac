"""What jupyter-collaboration keeps on the disk of a room's document."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from ..journal import updates_of_this_server

_WAIT_S = 30.0
"""How long the closing of a room waits for its history; a database that is slower than this is given up."""


class History:
    """All updates of one document, in upstream's store, where it has one.

    Args:
        upstream: the room.
    """

    def __init__(self, upstream: Any) -> None:
        self._upstream = upstream

    async def catch_up(self, updates: list[bytes]) -> None:
        """Apply updates that the history may lack to the document, and put what they brought into the history."""
        doc = self._upstream.ydoc
        before = doc.get_state()
        for update in updates:
            doc.apply_update(update)
        brought = doc.get_update(before)
        if self._upstream.ystore is not None and updates:
            await self._upstream.ystore.write(brought)

    async def complete(self) -> None:
        """Put in what this server has written already, of which upstream may have left something out."""
        if self._upstream.ystore is not None:
            await self._upstream.ystore.write(updates_of_this_server(self._upstream.ydoc))

    async def written(self) -> None:
        """Wait until no update is on its way to it.

        Deleting a room cancels these writes. One that is cancelled within its transaction leaves the database locked
        for every other room.
        """
        for _ in range(3):  # until what was written to the document just now is in the queue for the lock
            await asyncio.sleep(0)
        if self._upstream.ystore is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_WAIT_S), self._upstream.ystore.lock:
                    pass

    async def compact(self) -> bool:
        """Rewrite it as one update; False where its store cannot do that.

        In one database transaction: a crash leaves the old history or the new. Updates that come meanwhile wait for
        the same lock, and clients, who have a state of their own, are not affected.
        """
        ystore = self._upstream.ystore
        squash = getattr(ystore, "_squash_document_history", None)
        if squash is None or getattr(ystore, "_db", None) is None:
            return False
        async with ystore.lock, ystore._db:
            cursor = await ystore._db.cursor()
            await squash(cursor, ystore.path)
            await cursor.execute("DELETE FROM ycheckpoints WHERE path = ?", (ystore.path,))
        return True
