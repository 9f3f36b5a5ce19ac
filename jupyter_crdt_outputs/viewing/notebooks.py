"""Finding cells of a notebook: in the live document when it is open, else in its file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async
from pycrdt import Map

from ..document.contents import file_of
from ..document.rooms import Room, Rooms
from ..errors import NotFound
from ..model.views import ViewRequest
from .chosen import FoundCells, choose
from .in_files import in_file, in_notebook

_YIELD_EVERY = 20


class Notebooks:
    """The notebooks of a server.

    Args:
        rooms: the open ones.
        is_incomplete: whether an open one still lacks outputs that its file has.
    """

    def __init__(self, rooms: Rooms, is_incomplete: Callable[[Room], bool]) -> None:
        self._rooms = rooms
        self._is_incomplete = is_incomplete

    def path_of(self, room_id: str) -> str:
        """The path of the notebook in a room, open or not. Raises NotFound."""
        room = self._rooms.get(room_id)
        path = room.path if room is not None else self._rooms.path_of(room_id)
        if path is None:
            raise NotFound(f"there is no notebook in a room {room_id!r:.80}")
        return path

    async def sources(self, contents: Any, path: str, request: ViewRequest) -> FoundCells:
        """As :meth:`find`, but cells have no outputs, may be shared maps, and those of a file may lack their ids."""
        room = self._rooms.at(path)
        if room is not None and not room.is_loading:
            return sources_in(room, request)
        return await self._in_contents(contents, path, request, with_outputs=False)

    async def find(self, contents: Any, path: str, request: ViewRequest) -> FoundCells:
        """Those cells of the notebook at *path* that are asked for.

        Args:
            contents: the server's contents manager.
            path: of a file that the user may see.
            request: which cells.

        Raises:
            NotFound: there is no such cell.
            NotANotebook: the file cannot be read as one.
        """
        room = self._rooms.at(path)
        if room is not None and not room.is_loading and not self._is_incomplete(room):
            return await _in_document(room, request)
        return await self._in_contents(contents, path, request, with_outputs=True)

    @staticmethod
    async def _in_contents(contents: Any, path: str, request: ViewRequest, *, with_outputs: bool) -> FoundCells:
        file = file_of(contents, path) if path.endswith(".ipynb") else None
        if file is not None:
            return await asyncio.to_thread(in_file, file, request, with_outputs)
        model = await ensure_async(contents.get(path, type="notebook", content=True))
        return in_notebook(model["content"], request)


def sources_in(room: Room, request: ViewRequest) -> FoundCells:
    """Cells of an open notebook, without outputs. Raises NotFound."""
    cells = [cell for cell in room.cells if isinstance(cell, Map)]
    chosen = choose(request, [str(cell.get("id")) for cell in cells])
    metadata = room.metadata.to_py() or {}
    return FoundCells(metadata, len(cells), [(index, cells[index]) for index in chosen], room.room_id)


async def _in_document(room: Room, request: ViewRequest) -> FoundCells:
    ids = [str(cell.get("id")) for cell in room.cells]
    cells: list[tuple[int, Any]] = []
    for count, index in enumerate(choose(request, ids), 1):
        if index < len(room.cells):  # it may have become shorter meanwhile
            more = {"id": ids[index], "execution_state": room.cells[index].get("execution_state")}
            cells.append((index, {**room.document.get_cell(index), **more}))
        if count % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
    return FoundCells(dict(room.metadata.to_py() or {}), len(ids), cells, room.room_id)
