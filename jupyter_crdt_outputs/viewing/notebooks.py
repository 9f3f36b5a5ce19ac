"""Finding cells of a notebook: in the live document when it is open, else in its file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import ensure_async
from nbformat import reader
from pycrdt import Map

from ..document.contents import file_of
from ..document.rooms import Room, Rooms
from ..errors import NotANotebook, NotFound
from ..files import CannotCut, FileChanged, NotebookReading
from ..model.views import ViewRequest
from .outputs import id_of

_SMALL_BYTES = 1 << 18
"""A file of this size is read as a whole as fast as in steps."""
_YIELD_EVERY = 20
_TRIES = 3

Choose = Callable[[Sequence[Any]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class FoundCells:
    """Some cells of a notebook at one moment.

    Attributes:
        metadata: the notebook's.
        cells_in_all: how many it has.
        cells: index and cell, with outputs in the form of the document or of the file.
        room_id: of the open document; None when the file was read.
    """

    metadata: Mapping[str, Any]
    cells_in_all: int
    cells: list[tuple[int, Any]]
    room_id: str | None = None


def choose(request: ViewRequest, ids: Sequence[str]) -> Sequence[int]:
    """The indices of the cells that are asked for, among cells of these ids. Raises NotFound."""
    if request.cell is not None:
        if request.cell and request.cell in ids:
            return [ids.index(request.cell)]
        name, _, index = request.cell.partition("#")
        if not name and index.isascii() and index.isdigit() and int(index) < len(ids):
            return [int(index)]
        raise NotFound(f"there is no cell {request.cell!r:.80}")
    if request.index is not None:
        if not -len(ids) <= request.index < len(ids):
            raise NotFound(f"there is no cell {request.index}: the notebook has {len(ids)}")
        return [request.index % len(ids)]
    return range(len(ids))[request.start : request.stop]


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
            return await asyncio.to_thread(_in_file, file, request, with_outputs)
        model = await ensure_async(contents.get(path, type="notebook", content=True))
        return _in_notebook(model["content"], request)


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


def _in_file(path: Path, request: ViewRequest, with_outputs: bool) -> FoundCells:
    if path.stat().st_size >= _SMALL_BYTES:
        for _ in range(_TRIES):
            try:
                return _in_large_file(path, request, with_outputs)
            except FileChanged:
                continue
            except (CannotCut, ValueError):
                break
    try:
        # Without validation, which would give ids to cells without any, and others each time.
        notebook: Any = reader.reads(path.read_text(encoding="utf-8"))
        if notebook["nbformat"] != 4:
            notebook = nbformat.convert(notebook, 4)
    except (OSError, NotFound):
        raise
    except Exception as error:  # of whatever kind: nbformat promises none
        raise NotANotebook(f"{path.name} is no notebook: {error!s:.200}") from error
    return _in_notebook(notebook, request)


def _in_large_file(path: Path, request: ViewRequest, with_outputs: bool) -> FoundCells:
    reading = NotebookReading(path)
    try:
        cells = reading.notebook["cells"]
        chosen = choose(request, list(map(id_of, cells)))
        wanted = set(chosen) if with_outputs else set()
        outputs: dict[int, list[Any]] = {}
        for output in reading.outputs(wanted):
            outputs.setdefault(output.cell, []).append(output.text.output())
        found = [(index, {**cells[index], "outputs": outputs.get(index, [])}) for index in chosen]
        return FoundCells(reading.notebook["metadata"], len(cells), found)
    finally:
        reading.close()


def _in_notebook(notebook: Any, request: ViewRequest) -> FoundCells:
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    cells = cells if isinstance(cells, list) else []
    metadata = notebook.get("metadata") if isinstance(notebook, Mapping) else None
    chosen = choose(request, list(map(id_of, cells)))
    found = [(index, cells[index]) for index in chosen]
    return FoundCells(metadata if isinstance(metadata, Mapping) else {}, len(cells), found)
