"""Cells of notebooks over HTTP, read and edited where everybody edits them: ``api/crdt-outputs/cells``.

The shapes are those of :mod:`..model.cells` and :mod:`..model.cell_edits`. A notebook need not be open anywhere to be
edited: it is opened as by a browser, and saved and closed as when that leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import url_path_join

from ..document import editing
from ..document.rooms import Room
from ..errors import InvalidDigest, InvalidRequest, NotAllowed
from ..model.cell_edits import CellPlace, Edit, Insertion
from ..model.cells import CellSource, CellSources
from ..model.digest import Digest
from ..model.given import json_object
from ..model.views import ViewRequest
from ..viewing.notebooks import FoundCells, Notebooks, sources_in
from .handler import CrdtOutputsHandler, allowed_to, http_errors
from .named_notebook import NamesNotebook

_FARTHEST = 10**9


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


def handlers(services: Services, base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], dict[str, Any]]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them."""
    root = url_path_join(base_url, "api/crdt-outputs/cells")
    given = {"services": services}
    return [
        (root, CellsHandler, given),
        (root + r"/([^/]+)", CellHandler, given),
        (root + r"/([^/]+)/move", MoveHandler, given),
    ]


class _Handler(NamesNotebook):
    def initialize(self, services: Services) -> None:
        """Take what the routes were registered with."""
        self._services = services

    @asynccontextmanager
    async def opened(self, *, to_write: bool = True) -> AsyncIterator[Room]:
        """The notebook that is meant, open.

        Raises:
            NotAllowed: it is to be written, and its file cannot be.
            InvalidRequest, NotFound, NotANotebook: see there.
        """
        services = self._services
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
        return self._services.is_busy(room.file_id, cell_id)

    async def tell_cell(self, room: Room, cell: CellSource, status: int = 200) -> None:
        """Finish with one cell."""
        room.send_promptly()
        await self.tell(_about(room) | {"cell": cell.to_json()}, status)


class CellsHandler(_Handler):
    """All cells of a notebook."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """Cells as they are at this moment if the notebook is open, else as they are in the file."""
        with http_errors():
            request = self._request()
            notebooks = self._services.notebooks
            path = (await self.notebook_in(notebooks)).path
            found = await notebooks.sources(self.contents_manager, path, request)
            if all(cell.get("id") for _, cell in found.cells):
                cells = await _described(found)
            else:  # an older notebook; its cells have ids only while it is open
                async with self.opened(to_write=False) as room:
                    found = sources_in(room, request)
                    cells = await _described(found)
        await self.tell(CellSources(path, found.room_id, found.cells_in_all, tuple(cells)).to_json())

    @allowed_to("write")
    @allowed_to("write", "contents")
    async def post(self) -> None:
        """Insert a cell: 201 with it."""
        with http_errors():
            wanted = Insertion.parse(self.body())
            async with self.opened() as room:
                await self.tell_cell(room, editing.insert(room, wanted), 201)

    def _request(self) -> ViewRequest:
        index, start, stop = (self.integer(name, -_FARTHEST, _FARTHEST) for name in ("index", "start", "stop"))
        return ViewRequest(self.argument("cell"), index, start, stop)


class CellHandler(_Handler):
    """One cell."""

    @allowed_to("write")
    @allowed_to("write", "contents")
    async def patch(self, cell_id: str) -> None:
        """Change it, if it is as the caller saw it."""
        with http_errors():
            wanted = Edit.parse(self.body())
            async with self.opened() as room:
                await self.tell_cell(room, editing.edit(room, cell_id, wanted, is_busy=self.is_busy(room, cell_id)))

    @allowed_to("write")
    @allowed_to("write", "contents")
    async def delete(self, cell_id: str) -> None:
        """Delete it, if it is as the caller saw it."""
        with http_errors():
            try:
                seen = Digest.parse(self.argument("sha256") or "")
            except InvalidDigest as error:
                raise InvalidRequest("sha256 is that of the source that you saw") from error
            async with self.opened() as room:
                editing.delete(room, cell_id, seen, is_busy=self.is_busy(room, cell_id))
                await self.tell(_about(room))


class MoveHandler(_Handler):
    """Where a cell stands."""

    @allowed_to("write")
    @allowed_to("write", "contents")
    async def post(self, cell_id: str) -> None:
        """Move it."""
        with http_errors():
            place = CellPlace.of(json_object(self.body(), "the request", {"index", "above", "below"}))
            async with self.opened() as room:
                await self.tell_cell(room, editing.move(room, cell_id, place))


async def _described(found: FoundCells) -> list[CellSource]:
    """Off the event loop where that is possible: a shared document is of one thread."""
    if found.room_id is None:
        return await asyncio.to_thread(editing.sources_of, found.cells)
    return editing.sources_of(found.cells)


def _about(room: Room) -> dict[str, Any]:
    return {"path": room.path, "room": room.room_id, "cells_in_all": len(room.cells)}
