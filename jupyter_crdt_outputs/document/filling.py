"""Bringing the outputs of a notebook into its document while people already work in it."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from ..errors import CrdtOutputsError, NotebookIncomplete, StoreFull, StoreUnavailable
from ..files import FileChanged
from ..model.digest import Digest
from ..store.archive import Archive
from .opened import OpenedNotebook
from .rooms import Room, Rooms
from .sources import to_y, write_outputs, write_trust
from .unfinished import UnfinishedRooms
from .writer import ORIGIN

_RETRY_S = 5.0
_OF_A_RUN = frozenset({"execution_state", "execution_count", "outputs"})

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
        progress: called with a notebook's path, and how many of how many bytes of outputs are read.
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
        self._fillings: dict[str, _Filling] = {}
        self._deleted: dict[str, _Filling] = {}  # have outputs for cells that may be brought back

    def begin(self, source: Any, opened: OpenedNotebook) -> None:
        """Fill the room for which *opened* was read, once it is open, and what upstream makes it from."""
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

    def _filling(self, room: Room) -> _Filling | None:
        filling = self._fillings.get(room.room_id)
        return filling if filling is not None and filling.room.upstream is room.upstream else None

    async def stop(self) -> None:
        """Fill no more. What is missing is known and is brought in when the notebook is opened again."""
        tasks = [filling.task for filling in self._fillings.values() if filling.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _prepare(self, source: Any, opened: OpenedNotebook) -> _Filling | None:
        room = self._rooms.get(opened.room_id)
        if room is None:
            return None
        self.give_up(room)
        ids = [str(cell["id"]) for cell in source.ycells]
        filling = self._fillings[opened.room_id] = _Filling(room, source, opened, ids)
        filling.follow()
        return filling

    async def _fill_opened(self, filling: _Filling) -> None:
        await filling.room.opened()
        await self._fill(filling)

    async def _fill(self, filling: _Filling) -> None:
        room, opened = filling.room, filling.opened
        room_id, total = room.room_id, 0
        filling.release = self._rooms.hold(room)
        apply = room.doc.apply_update
        subscription = filling.source.ydoc.observe(lambda event: apply(event.update)) if filling.passes_on else None
        try:
            assert opened.reading is not None
            total = opened.reading.bytes_of_outputs
            await asyncio.to_thread(self.unfinished.add, room_id, opened.reading.stat)
            self._progress(room.path, 0, total)
            await opened.decide_trust()
            filling.mark_trust()
            batches = opened.read_outputs(self._archive, lambda artifacts: self._keep(filling, artifacts))
            async with aclosing(batches):
                async for batch in batches:
                    for number, outputs in batch.cells:
                        filling.write(number, outputs)
                        await asyncio.sleep(0)
                    self._progress(room.path, batch.read_bytes, total)
            self._end(filling)
            await room.history_written()
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
            if subscription is not None:
                filling.source.ydoc.unobserve(subscription)
            filling.release()

    async def _keep(self, filling: _Filling, artifacts: Mapping[Digest, bytes]) -> None:
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

    def _fail(self, filling: _Filling, trouble: str) -> None:
        filling.trouble = trouble
        filling.settled.set()
        self._log.error("%s: %s", filling.room.path, trouble)
        self._told(filling.room.path, NotebookIncomplete(trouble))

    def _end(self, filling: _Filling) -> None:
        if self._fillings.get(filling.room.room_id) is filling:
            del self._fillings[filling.room.room_id]
            if filling.missing:
                self._deleted[filling.room.room_id] = filling
        for room_id, ended in list(self._deleted.items()):
            current = self._rooms.get(room_id)
            if current is None or current.upstream is not ended.room.upstream:
                del self._deleted[room_id]
        filling.settled.set()


@dataclass(eq=False)
class _Filling:
    """One room that lacks outputs.

    Attributes:
        settled: set when it is complete, or in trouble.
        touched: cells that somebody has run or changed the outputs of.
        missing: the outputs of cells that somebody has deleted.
        release: lets the room be closed.
    """

    room: Room
    source: Any
    opened: OpenedNotebook
    ids: Sequence[str]
    passes_on: bool = True
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: str = ""
    touched: set[str] = field(default_factory=set)
    missing: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    release: Callable[[], None] = lambda: None
    task: asyncio.Task[None] | None = None
    is_writing: bool = False

    def follow(self) -> None:
        """Note which cells are run, and which come back, for as long as the room is open."""
        # Held by the document, through which no garbage collector sees: it must not hold the document in turn.
        followed = weakref.ref(self)

        def changed(events: list[Any]) -> None:
            filling = followed()
            if filling is not None and not filling.is_writing:
                filling.note(events)

        self.room.observe(changed)

    def note(self, events: list[Any]) -> None:
        """Somebody changed something."""
        cells = self.room.cells
        for event in events:
            path = event.path
            is_touched = (len(path) == 1 and _OF_A_RUN & set(getattr(event, "keys", None) or ())) or (
                len(path) > 1 and path[1] == "outputs"
            )
            if is_touched and int(path[0]) < len(cells):
                self.touched.add(str(cells[int(path[0])].get("id")))
            if not path and self.missing:
                asyncio.get_running_loop().call_soon(self.bring_back)  # a document cannot be written to just now

    def bring_back(self) -> None:
        """Give their outputs to cells that were deleted when these came, and are there again."""
        for cell_id, outputs in list(self.missing.items()):
            cell = self.room.find_cell(cell_id)
            if cell is not None:
                del self.missing[cell_id]
                if cell_id not in self.touched and not len(cell["outputs"]):
                    with self.room.doc.transaction(origin=ORIGIN):
                        cell["outputs"].extend([to_y(output) for output in outputs])

    def mark_trust(self) -> None:
        """Write whether the cells are trusted, before their outputs: views ask no later."""
        self.is_writing = True
        try:
            write_trust(self.source.ydoc, self.source.ycells, self.opened)
        finally:
            self.is_writing = False

    def write(self, number: int, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Bring in the outputs of a cell."""
        cell_id = self.ids[number]
        if self.room.find_cell(cell_id) is None:
            self.missing[cell_id] = outputs
        self.is_writing = True
        try:
            bring_in(
                self.room,
                cell_id,
                outputs,
                lambda: write_outputs(self.source.ydoc, self.source.ycells[number], outputs),
                is_wanted=cell_id not in self.touched,
            )
        finally:
            self.is_writing = False


def bring_in(
    room: Room,
    cell_id: str,
    outputs: Sequence[Mapping[str, Any]],
    write: Callable[[], object],
    *,
    is_wanted: bool,
) -> None:
    """Have *write* put outputs into the document, in one transaction, and see that they are where they are wanted.

    They arrive in the cell as it was at first. Where people have moved it, that is another cell, which is gone.
    """
    cell = room.find_cell(cell_id)
    before = 0 if cell is None else len(cell["outputs"])
    with room.doc.transaction(origin=ORIGIN):
        write()
        cell = room.find_cell(cell_id)
        if cell is None:
            return
        arrived = len(cell["outputs"]) - before
        if not is_wanted:
            del cell["outputs"][:arrived]  # they stand first: no other author's number is as low
        elif not len(cell["outputs"]):
            cell["outputs"].extend([to_y(output) for output in outputs])
