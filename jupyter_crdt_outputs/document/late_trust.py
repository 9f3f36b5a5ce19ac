"""Whether a notebook is trusted, where that is found out after it was opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..files import CannotCut, KnownNotebook, NotebookReading
from ..store import durable
from .arriving import trust
from .opened import OpenedNotebook
from .remembering import FileMemory, secret_name
from .returning import ReturningCells
from .rooms import Rooms


class LateTrust:
    """Reads a file for its signature behind the back of whoever has opened it, untrusted for so long.

    Nobody computes the signature when a notebook is saved that is not trusted. Its cells keep what they are run to show
    meanwhile: that is trusted anyway.

    Args:
        memory: told of the signature, so that it is computed once.
        rooms: the open notebooks.
    """

    def __init__(self, memory: FileMemory, rooms: Rooms) -> None:
        self._memory = memory
        self._rooms = rooms

    async def find_out(
        self,
        notary: Any,
        trusts: Callable[[str | None], Awaitable[bool]],
        os_path: Path,
        known: KnownNotebook,
        opened: OpenedNotebook,
    ) -> None:
        """Trust the notebook if its notary does.

        Args:
            notary: computes signatures.
            trusts: whether the notebook of this signature is trusted.
            os_path: of the file.
            known: of the file, without a signature.
            opened: made of that.
        """
        found = opened.stat
        signature = await asyncio.to_thread(_signature_of, os_path, found, notary)
        if signature is None or found is None:
            return
        signed = replace(known, signature=signature, signed_by=secret_name(notary))
        trusted = await trusts(signature)
        await asyncio.to_thread(self._memory.note, os_path, found, signed)
        room = self._rooms.get(opened.room_id)
        if trusted and room is not None:
            await room.opened()
            cell_ids = [str(cell.get("id")) for cell in known.notebook["cells"]]
            ReturningCells(room).trusts(cell_ids)
            trust(room, cell_ids)
            self._memory.recall(os_path, found, signed, signature)


def _signature_of(path: Path, found: os.stat_result | None, notary: Any) -> str | None:
    """Of the file while it is the one that was *found*; else None."""
    try:
        reading = NotebookReading(path)
        try:
            if found is None or durable.identity_of(reading.stat) != durable.identity_of(found):
                return None
            return reading.signature(notary)
        finally:
            reading.close()
    except (CannotCut, OSError, ValueError):
        return None
