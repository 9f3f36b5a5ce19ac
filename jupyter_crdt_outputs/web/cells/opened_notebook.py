"""The notebook that a request names, open for as long as it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ...document.rooms import Room
from ...errors import NotAllowed
from ...model.cells import CellSource
from ...viewing.notebooks import Notebooks
from ..named_notebook import NamesNotebook


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers here share.

    Attributes:
        notebooks: finds cells.
        room_of: gives the id of the room of a notebook at a path, open or not.
        open_room: gives the notebook of a room's id, and how to let it go.
        leave: lets a notebook go a moment later, given its room's id and how to: one edit seldom comes alone.
        is_busy: whether a cell, given the id of its notebook's file and its own, runs or waits to be run.
    """

    notebooks: Notebooks
    room_of: Callable[[str], Awaitable[str]]
    open_room: Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]
    leave: Callable[[str, Callable[[], None]], None]
    is_busy: Callable[[str, str], bool]


class OpensNotebook(NamesNotebook):
    """A handler that works in the document that people see.

    Attributes:
        services: see there.
    """

    def initialize(self, services: Services) -> None:
        """Take what the routes were registered with."""
        self.services = services

    @asynccontextmanager
    async def opened(self, *, to_write: bool = True) -> AsyncIterator[Room]:
        """The notebook that is meant, open.

        Raises:
            NotAllowed: it is to be written, and its file cannot be.
            InvalidRequest, NotFound, NotANotebook: see there.
        """
        services = self.services
        notebook = await self.notebook_in(services.notebooks)
        if to_write and not notebook.is_writable:
            raise NotAllowed(f"the file {notebook.path} is read-only on this server")
        room_id = await services.room_of(notebook.path)
        room, release = await services.open_room(room_id)
        try:
            await room.taken_over()
            yield room
        finally:
            services.leave(room_id, release)

    def is_busy(self, room: Room, cell_id: str) -> bool:
        """Whether a cell runs, or waits to be run."""
        return self.services.is_busy(room.file_id, cell_id)

    async def tell_cell(self, room: Room, cell: CellSource, status: int = 200) -> None:
        """Finish with one cell."""
        room.send_promptly()
        await self.tell(about(room) | {"cell": cell.to_json()}, status)


def about(room: Room) -> dict[str, Any]:
    """What every answer says of the notebook."""
    return {"path": room.path, "room": room.room_id, "cells_in_all": len(room.cells)}
