"""Bringing the outputs of a notebook into its document while people already work in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from ..errors import CrdtOutputsError, NotebookIncomplete, StoreFull, StoreUnavailable
from ..files import FileChanged
from ..model.digest import Digest
from ..store.archive import Archive
from .lacking import LackingRoom
from .opened import OpenedNotebook
from .rooms import Room, Rooms
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
        unfinished: remembers across a crash which of them lack outputs.
        told: called with a notebook's path and why it cannot be saved for now, then with None.
        progress: called with a notebook's path, and how much of how much is done, in bytes of outputs.
        filled: called with the notebook, as it is in the document, when it is complete.
        log: for administrators.
    """

    def __init__(
        self,
        archive: Archive,
        rooms: Rooms,
        unfinished: UnfinishedRooms,
        told: Told,
        progress: Progress,
        filled: Callable[[Mapping[str, Any]], None],
        log: logging.Logger,
    ) -> None:
        self._archive = archive
        self._rooms = rooms
        self.unfinished = unfinished
        self._told = told
        self._progress = progress
        self._filled = filled
        self._log = log
        self._fillings: dict[str, LackingRoom] = {}
        self._deleted: dict[str, LackingRoom] = {}  # have outputs for cells that may be brought back

    def begin(self, source: Any | None, opened: OpenedNotebook) -> None:
        """Fill the room for which *opened* was read, once it is open.

        Args:
            source: what upstream makes it from, which is filled too; None for one with a history, and these cells.
            opened: has outputs to be read.
        """
        filling = self._prepare(source, opened)
        if filling is not None:
            filling.task = asyncio.get_running_loop().create_task(self._fill_opened(filling))

    async def fill(self, source: Any, opened: OpenedNotebook) -> None:
        """Fill it now, for an upstream that passes on what is written into *source*.

        Raises:
            NotebookIncomplete: the outputs cannot be read.
        """
        filling = self._prepare(source, opened)
        if filling is not None:
            filling.passes_on = False
            filling.task = asyncio.get_running_loop().create_task(self._fill(filling))
            await asyncio.shield(filling.task)
        else:
            await opened.complete(self._archive)

    async def wait(self, room: Room) -> None:
        """Wait until the room's document is complete.

        Raises:
            NotebookIncomplete: it will not be, or not soon.
        """
        filling = self._filling(room)
        if filling is not None:
            await filling.settled.wait()
            self.check(room)

    def check(self, room: Room) -> None:
        """Raise NotebookIncomplete if the room's document is not complete."""
        filling = self._filling(room)
        if filling is not None:
            raise NotebookIncomplete(
                filling.trouble or f"the outputs of {room.path} are still being read from its file"
            )

    def is_filling(self, room: Room) -> bool:
        """Whether the room's document still lacks outputs that its file has."""
        return self._filling(room) is not None

    def give_up(self, room: Room) -> None:
        """The room takes over another file."""
        filling = self._fillings.get(room.room_id)
        if filling is not None:
            self._end(filling)
            if filling.task is not None and filling.task is not asyncio.current_task():
                filling.task.cancel()

    def _filling(self, room: Room) -> LackingRoom | None:
        filling = self._fillings.get(room.room_id)
        return filling if filling is not None and filling.room.upstream is room.upstream else None

    async def stop(self) -> None:
        """Fill no more. What is missing is known and is brought in when the notebook is opened again."""
        tasks = [filling.task for filling in self._fillings.values() if filling.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _prepare(self, source: Any | None, opened: OpenedNotebook) -> LackingRoom | None:
        room = self._rooms.get(opened.room_id)
        if room is None:
            return None
        self.give_up(room)
        ids = [str(cell["id"]) for cell in (room.cells if source is None else source.ycells)]
        filling = self._fillings[opened.room_id] = LackingRoom(room, source, opened, ids)
        filling.follow()
        return filling

    async def _fill_opened(self, filling: LackingRoom) -> None:
        await filling.room.opened()
        await self._fill(filling)

    async def _fill(self, filling: LackingRoom) -> None:
        room, opened, source = filling.room, filling.opened, filling.source
        room_id, total = room.room_id, 0
        filling.release = self._rooms.hold(room)
        apply = room.doc.apply_update
        subscription = None
        if source is not None and filling.passes_on:
            subscription = source.ydoc.observe(lambda event: apply(event.update))
        try:
            assert opened.reading is not None
            total = opened.reading.bytes_of_outputs
            await asyncio.to_thread(self.unfinished.add, room_id, opened.reading.stat, filling.begun)
            self._progress(room.path, 0, total)
            await self._decide_trust(filling, total)
            await filling.mark_trust()
            batches = opened.read_outputs(self._archive, lambda artifacts: self._keep(filling, artifacts))
            async with aclosing(batches):
                async for batch in batches:
                    for number, outputs in batch.cells:
                        filling.write(number, outputs)
                        await asyncio.sleep(0)
                    self._progress(room.path, (total + batch.read_bytes) // 2, total)
            self._end(filling)
            await room.history.written()
            await asyncio.to_thread(self.unfinished.remove, room_id)
            self._filled(opened)
            if filling.trouble:
                self._told(room.path, None)
        except FileChanged:
            self._log.info("%s was written while it was read; it is read again", room.path)
            self._end(filling)
            await room.reload()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if not isinstance(error, ValueError | OSError | CrdtOutputsError):
                self._log.exception("the outputs of %s could not be brought into its document", room.path)
            self._fail(filling, f"Its outputs cannot be read, so it is not saved, and its file stays as it is: {error}")
        finally:
            opened.close()
            self._progress(room.path, total, total)
            if source is not None and subscription is not None:
                source.ydoc.unobserve(subscription)
            filling.release()

    async def _decide_trust(self, filling: LackingRoom, total: int) -> None:
        """The first of two times that all outputs are read, and so half of what is to be done."""
        reading = filling.opened.reading
        assert reading is not None
        deciding = asyncio.ensure_future(filling.opened.decide_trust())
        try:
            while not (await asyncio.wait([deciding], timeout=_PROGRESS_S))[0]:
                self._progress(filling.room.path, reading.bytes_read // 2, total)
            await deciding
        finally:
            deciding.cancel()

    async def _keep(self, filling: LackingRoom, artifacts: Mapping[Digest, bytes]) -> None:
        """Make artifacts durable, however long the store takes to have room."""
        while True:
            try:
                await asyncio.to_thread(self._archive.keep, artifacts)
            except (StoreFull, StoreUnavailable) as error:
                self._fail(filling, f"Its outputs cannot all be read, so it is not saved: {error}")
                filling.release()  # nobody need wait for it
                await asyncio.sleep(_RETRY_S)
                current = self._rooms.get(filling.room.room_id)
                if current is None or current.upstream is not filling.room.upstream:
                    raise asyncio.CancelledError from error
            else:
                return

    def _fail(self, filling: LackingRoom, trouble: str) -> None:
        filling.trouble = trouble
        filling.settled.set()
        self._log.error("%s: %s", filling.room.path, trouble)
        self._told(filling.room.path, NotebookIncomplete(trouble))

    def _end(self, filling: LackingRoom) -> None:
        if self._fillings.get(filling.room.room_id) is filling:
            del self._fillings[filling.room.room_id]
            if filling.missing:
                self._deleted[filling.room.room_id] = filling
        for room_id, ended in list(self._deleted.items()):
            current = self._rooms.get(room_id)
            if current is None or current.upstream is not ended.room.upstream:
                del self._deleted[room_id]
        filling.settled.set()
