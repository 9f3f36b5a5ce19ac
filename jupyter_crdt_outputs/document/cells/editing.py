"""Editing cells as JupyterLab's own shared notebook does, on behalf of whoever may: each edit is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pycrdt import Map, Text

from ...errors import CellProtected, NotFound, NotNow, SourceChanged
from ...model.cell_edits import CellPlace, Edit, Insertion
from ...model.cells import CellSource
from ...model.digest import Digest
from ...model.executions import source_digest
from ..rooms import Room
from ..writer import ORIGIN
from .describing import describe, metadata_of
from .making import copied, new_cell, retyped
from .text_edits import apply


def insert(room: Room, wanted: Insertion) -> CellSource:
    """Insert a cell; returns it. Raises NotFound when the cell beside which it is to be is not there."""
    index = _target(room, wanted.place)
    metadata: dict[str, Any] = {"tags": list(wanted.tags)} if wanted.tags else {}
    with _transaction(room):
        room.cells.insert(index, new_cell(wanted.type, wanted.source, metadata))
    return _at(room, index)


def edit(room: Room, cell_id: str, wanted: Edit, *, is_busy: bool = False) -> CellSource:
    """Change a cell that is as the caller saw it; returns it. What others do to its text at the same time stays.

    Args:
        room: the notebook.
        cell_id: of the cell.
        wanted: what is to be changed.
        is_busy: whether the cell is known to run or to wait; the document may not say so yet.

    Raises:
        NotFound: there is no such cell.
        SourceChanged: it has another source.
        CellProtected: its metadata says that it is not to be edited.
        NotNow: its type is to be changed while it runs.
    """
    index, cell = _find(room, cell_id)
    _check_seen(cell, cell_id, wanted.seen)
    is_retyped = wanted.type not in (None, cell.get("cell_type"))
    source = str(cell["source"]) if wanted.source is None else wanted.source
    if (is_retyped or source != str(cell["source"])) and metadata_of(cell).get("editable") is False:
        raise CellProtected(f"cell {cell_id} is not editable: its metadata says so")
    if is_retyped:
        _check_idle(cell, cell_id, is_busy)
    with _transaction(room):
        if wanted.type is not None and is_retyped:
            made = retyped(cell, wanted.type, source)
            del room.cells[index]
            room.cells.insert(index, made)
        elif source != str(cell["source"]):
            apply(cell["source"], source)
        if wanted.tags is not None:
            _set_tags(room.cells[index]["metadata"], wanted.tags)
    return _at(room, index)


def delete(room: Room, cell_id: str, seen: Digest, *, is_busy: bool = False) -> None:
    """Delete a cell that is as the caller saw it. A notebook that would be empty gets an empty cell.

    Args:
        room: the notebook.
        cell_id: of the cell.
        seen: digest of the source that the caller saw.
        is_busy: see :func:`edit`.

    Raises:
        NotFound, SourceChanged: see :func:`edit`.
        CellProtected: its metadata says that it is not to be deleted.
        NotNow: it runs, or is going to.
    """
    index, cell = _find(room, cell_id)
    _check_seen(cell, cell_id, seen)
    if metadata_of(cell).get("deletable") is False:
        raise CellProtected(f"cell {cell_id} cannot be deleted: its metadata says so")
    _check_idle(cell, cell_id, is_busy)
    with _transaction(room):
        del room.cells[index]
        if not len(room.cells):
            room.cells.append(new_cell("code", ""))


def move(room: Room, cell_id: str, place: CellPlace) -> CellSource:
    """Move a cell, which may be running; returns it. It keeps its outputs.

    Raises:
        NotFound: there is no such cell, or none beside which it is to be.
    """
    index, cell = _find(room, cell_id)
    target = _target(room, place)
    if place.kind == "index":
        target = min(target, len(room.cells) - 1)
    elif target > index:
        target -= 1  # it leaves its own place
    if target != index:
        copy = copied(cell)
        with _transaction(room):
            del room.cells[index]
            room.cells.insert(target, copy)
    return _at(room, target)


@contextmanager
def _transaction(room: Room) -> Iterator[None]:
    """One transaction, and then the mark that the file lacks something, as JupyterLab sets it."""
    with room.doc.transaction(origin=ORIGIN):
        yield
    if not room.is_dirty:
        room.document.dirty = True


def _find(room: Room, cell_id: str) -> tuple[int, Map[Any]]:
    for index, cell in enumerate(room.cells):
        if isinstance(cell, Map) and cell.get("id") == cell_id and isinstance(cell.get("source"), Text):
            return index, cell
    raise NotFound(f"there is no cell {cell_id!r:.80}")


def _target(room: Room, place: CellPlace) -> int:
    """The index that what is inserted there has."""
    count = len(room.cells)
    if place.kind == "end":
        return count
    if isinstance(place.value, int):
        if place.value > count:
            raise NotFound(f"there is no place {place.value}: the notebook has {count} cells")
        return place.value
    index, _ = _find(room, place.value)
    return index + (place.kind == "below")


def _set_tags(metadata: Map[Any], tags: Sequence[str]) -> None:
    if tags:
        metadata["tags"] = list(tags)
    elif "tags" in metadata:
        del metadata["tags"]


def _check_seen(cell: Map[Any], cell_id: str, seen: Digest) -> None:
    if source_digest(str(cell["source"])) != seen:
        raise SourceChanged(f"nothing was changed: cell {cell_id} has another source now; read it again")


def _check_idle(cell: Map[Any], cell_id: str, is_busy: bool) -> None:
    if is_busy or cell.get("execution_state") not in (None, "idle"):
        raise NotNow(f"cell {cell_id} is running; wait until it has ended, or cancel it")


def _at(room: Room, index: int) -> CellSource:
    return describe(index, room.cells[index])
