"""Decides, when a notebook is opened, between the history of its document and its file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from jupyter_ydoc.ynotebook import YNotebook

from ...store.archive import Archive
from ...streams.logs import Logs
from ..background import Background
from ..filling import Begun, UnfinishedRooms
from ..journal import Journals
from ..opened import OpenedNotebook
from ..rooms import Room
from .ahead import is_ahead
from .bulk import move_bulk
from .half_filled import complete
from .interrupted import close_interrupted_executions


class Recovery:
    """What a server that died has left of a document is not lost to its file.

    Upstream lets the file win whenever the two differ, which is right when somebody edited the file, and loses what
    came after the last save when nobody did.

    Args:
        archive: where bulk goes.
        logs: where long streams go.
        journals: what a killed server had not put into its history.
        unfinished: which documents it had not filled yet.
        background: does what is to be done once a room is open.
    """

    def __init__(
        self, archive: Archive, logs: Logs, journals: Journals, unfinished: UnfinishedRooms, background: Background
    ) -> None:
        self._archive = archive
        self._logs = logs
        self._journals = journals
        self._unfinished = unfinished
        self._background = background

    async def catch_up(self, room: Room) -> None:
        """Give the document of a room that is being opened what was shown, but is not in its history."""
        await room.history.catch_up(await asyncio.to_thread(self._journals.updates, room.room_id))
        # When the file has all that the history has, nobody asks which of them is ahead.
        self._background.start(self._close_when_open(room), "interrupted executions not closed")

    async def is_replaced(self, room: Room, opened: OpenedNotebook, saved_hash: str | None) -> bool:
        """Whether a file takes the place of a document that has a history, whatever its outputs turn out to be.

        Not the file that this document was saved to, perhaps before a crash, or that it was being filled from: the
        document is ahead of that one. Not either while cells are running, of which only all of the file tells whose
        outputs to keep.

        Args:
            room: of the document.
            opened: the file.
            saved_hash: of the file that the document was last saved to.

        Raises:
            FileChanged, OSError: as :meth:`OpenedNotebook.is_foreign`.
        """
        if not room.is_opening or opened.reading is None or not opened.reading.has_own_ids:
            return False
        if any(cell.get("execution_state") == "running" for cell in room.cells):
            return False
        return await self._begun(room, opened) is None and await opened.is_foreign(saved_hash)

    async def keeps(self, room: Room, opened: Mapping[str, Any], file: Mapping[str, Any]) -> bool:
        """Whether the document stays as its history gave it; then it gets what it lacks, and is saved.

        Args:
            room: of the document.
            opened: as the notebook was read from its file.
            file: that notebook, offloaded.
        """
        begun = await self._begun(room, opened)
        if begun is not None:
            await complete(room, type(room.document) if begun is Begun.AS_SOURCE else None, file)
        elif room.is_opening and await is_ahead(room, YNotebook.get(room.document), file):
            if await move_bulk(room, self._at_rest):
                self._background.start(self._compact_when_open(room), "history not compacted")
        else:
            return False
        close_interrupted_executions(room)
        self._background.start(self._save_when_open(room), "a notebook is not saved after it was opened")
        return True

    async def ended(self, room: Room, opened: Mapping[str, Any]) -> None:
        """The document has all of the file, be it that it kept what it had or that the file won."""
        if isinstance(opened, OpenedNotebook):
            await asyncio.to_thread(self._unfinished.remove, room.room_id)

    async def _begun(self, room: Room, opened: Mapping[str, Any]) -> Begun | None:
        """How a server that died had begun to fill this document from the very file that there is."""
        if not room.is_opening or not isinstance(opened, OpenedNotebook) or opened.stat is None or not len(room.cells):
            return None
        return await asyncio.to_thread(self._unfinished.begun, room.room_id, opened.stat)

    def _at_rest(self, outputs: list[Any]) -> list[Any]:
        return [self._archive.offload_output(self._logs.finished(output)) for output in outputs]

    async def _close_when_open(self, room: Room) -> None:
        """Before anybody runs anything in it."""
        await room.opened()
        if any(cell.get("execution_state") == "running" for cell in room.cells):
            close_interrupted_executions(room)
            self._background.start(self._save_when_open(room), "a notebook is not saved after it was opened")

    @staticmethod
    async def _compact_when_open(room: Room) -> None:
        await room.opened()
        await room.history.compact()

    @staticmethod
    async def _save_when_open(room: Room) -> None:
        """Bring the file up to date."""
        await room.opened()
        await asyncio.sleep(0.1)  # upstream does not save while it opens
        await room.save()
