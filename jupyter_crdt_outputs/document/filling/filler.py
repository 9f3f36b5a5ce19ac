"""Taking the outputs of a notebook from its file to its document, whatever comes between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from ...errors import CrdtOutputsError, NotebookIncomplete, StoreFull, StoreUnavailable
from ...files import FileChanged
from ...model.digest import Digest
from ...store.archive import Archive
from ..opened import OpenedNotebook
from ..rooms import Rooms
from .lacking_room import LackingRoom
from .lacking_rooms import LackingRooms
from .unfinished import UnfinishedRooms

_RETRY_S = 5.0
_PROGRESS_S = 0.3

Told = Callable[[str, Exception | None], None]
Progress = Callable[[str, int, int], None]


class Filler:
    """Fills rooms.

    Until a notebook is complete it is not saved; the file stays as it is. What people do meanwhile stands: the outputs
    of a cell that was run are not brought back, those of a cell that was moved, or deleted and brought back, are.

    Args:
        archive: where bulk goes.
        rooms: the open notebooks.
        lacking: told which of them lack outputs.
        unfinished: remembers that across a crash.
        told: called with a notebook's path and why it cannot be saved for now, then with None.
        progress: called with a notebook's path, and how much of how much is done, in bytes of outputs.
        filled: called with the notebook, as it is in the document, when it is complete.
        log: for administrators.
    """

    def __init__(
        self,
        archive: Archive,
        rooms: Rooms,
        lacking: LackingRooms,
        unfinished: UnfinishedRooms,
        told: Told,
        progress: Progress,
        filled: Callable[[Mapping[str, Any]], None],
        log: logging.Logger,
    ) -> None:
        self._archive = archive
        self._rooms = rooms
        self._lacking = lacking
        self._unfinished = unfinished
        self._told = told
        self._progress = progress
        self._filled = filled
        self._log = log

    def begin(self, source: Any | None, opened: OpenedNotebook) -> None:
        """Fill the room for which *opened* was read, once it is open.

        Args:
            source: what upstream makes it from, which is filled too; None for one with a history, and these cells.
            opened: has outputs to be read.
        """
        lacking = self._prepare(source, opened)
        if lacking is not None:
            lacking.task = asyncio.get_running_loop().create_task(self._fill_opened(lacking))

    async def fill(self, source: Any, opened: OpenedNotebook) -> None:
        """Fill it now, for an upstream that passes on what is written into *source*.

        Raises:
            NotebookIncomplete: the outputs cannot be read.
        """
        lacking = self._prepare(source, opened)
        if lacking is not None:
            lacking.passes_on = False
            lacking.task = asyncio.get_running_loop().create_task(self._fill(lacking))
            await asyncio.shield(lacking.task)
        else:
            await opened.complete(self._archive)

    def _prepare(self, source: Any | None, opened: OpenedNotebook) -> LackingRoom | None:
        room = self._rooms.get(opened.room_id)
        if room is None:
            return None
        ids = [str(cell["id"]) for cell in (room.cells if source is None else source.ycells)]
        lacking = LackingRoom(room, source, opened, ids)
        self._lacking.add(lacking)
        return lacking

    async def _fill_opened(self, lacking: LackingRoom) -> None:
        await lacking.room.opened()
        await self._fill(lacking)

    async def _fill(self, lacking: LackingRoom) -> None:
        room, opened, total = lacking.room, lacking.opened, 0
        lacking.release = self._rooms.hold(room)
        try:
            assert opened.reading is not None
            total = opened.reading.bytes_of_outputs
            with lacking.passing_on():
                await asyncio.to_thread(self._unfinished.add, room.room_id, opened.reading.stat, lacking.begun)
                self._progress(room.path, 0, total)
                await self._decide_trust(lacking, total)
                await lacking.mark_trust()
                await self._write_outputs(lacking, total)
            self._lacking.remove(lacking)
            await room.history.written()
            await asyncio.to_thread(self._unfinished.remove, room.room_id)
            self._filled(opened)
            if lacking.trouble:
                self._told(room.path, None)
        except FileChanged:
            self._log.info("%s was written while it was read; it is read again", room.path)
            self._lacking.remove(lacking)
            await room.reload()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if not isinstance(error, ValueError | OSError | CrdtOutputsError):
                self._log.exception("the outputs of %s could not be brought into its document", room.path)
            self._fail(lacking, f"Its outputs cannot be read, so it is not saved, and its file stays as it is: {error}")
        finally:
            opened.close()
            self._progress(room.path, total, total)
            lacking.release()

    async def _decide_trust(self, lacking: LackingRoom, total: int) -> None:
        """The first of two times that all outputs are read, and so half of what is to be done."""
        reading = lacking.opened.reading
        assert reading is not None
        deciding = asyncio.ensure_future(lacking.opened.decide_trust())
        try:
            while not (await asyncio.wait([deciding], timeout=_PROGRESS_S))[0]:
                self._progress(lacking.room.path, reading.bytes_read // 2, total)
            await deciding
        finally:
            deciding.cancel()

    async def _write_outputs(self, lacking: LackingRoom, total: int) -> None:
        """The second time."""
        batches = lacking.opened.read_outputs(self._archive, lambda artifacts: self._keep(lacking, artifacts))
        async with aclosing(batches):
            async for batch in batches:
                for number, outputs in batch.cells:
                    lacking.write(number, outputs)
                    await asyncio.sleep(0)
                self._progress(lacking.room.path, (total + batch.read_bytes) // 2, total)

    async def _keep(self, lacking: LackingRoom, artifacts: Mapping[Digest, bytes]) -> None:
        """Make artifacts durable, however long the store takes to have room."""
        while True:
            try:
                await asyncio.to_thread(self._archive.keep, artifacts)
            except (StoreFull, StoreUnavailable) as error:
                self._fail(lacking, f"Its outputs cannot all be read, so it is not saved: {error}")
                lacking.release()  # nobody need wait for it
                await asyncio.sleep(_RETRY_S)
                if not self._rooms.is_open(lacking.room):
                    raise asyncio.CancelledError from error
            else:
                return

    def _fail(self, lacking: LackingRoom, trouble: str) -> None:
        lacking.trouble = trouble
        lacking.settled.set()
        self._log.error("%s: %s", lacking.room.path, trouble)
        self._told(lacking.room.path, NotebookIncomplete(trouble))
