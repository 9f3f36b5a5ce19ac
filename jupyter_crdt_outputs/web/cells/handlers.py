"""Reading, inserting, changing, deleting and moving cells."""

from __future__ import annotations

import asyncio

from ...document.cells import editing
from ...document.cells.describing import described
from ...errors import InvalidDigest, InvalidRequest
from ...model.cell_edits import CellPlace, Edit, Insertion
from ...model.cells import CellSource, CellSources
from ...model.digest import Digest
from ...model.given import json_object
from ...model.views import ViewRequest
from ...viewing.chosen import FoundCells
from ...viewing.notebooks import sources_in
from ..handler import allowed_to, http_errors
from .opened_notebook import OpensNotebook, about


class CellsHandler(OpensNotebook):
    """All cells of a notebook."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """Cells as they are at this moment if the notebook is open, else as they are in the file."""
        with http_errors():
            request = self._request()
            notebooks = self.services.notebooks
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
        index, start, stop = (self.index(name) for name in ("index", "start", "stop"))
        return ViewRequest(self.argument("cell"), index, start, stop)


class CellHandler(OpensNotebook):
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
                await self.tell(about(room))


class MoveHandler(OpensNotebook):
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
        return await asyncio.to_thread(described, found.cells)
    return described(found.cells)
