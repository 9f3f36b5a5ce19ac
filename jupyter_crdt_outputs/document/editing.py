"""Editing cells as JupyterLab's own shared notebook does, on behalf of whoever may: each edit is one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pycrdt import Array, Map, Text

from ..errors import CellProtected, NotFound, NotNow, SourceChanged
from ..model.cell_edits import CellPlace, Edit, Insertion
from ..model.cells import CellSource, digest_text
from ..model.digest import Digest
from ..model.executions import source_digest
from .rooms import Room
from .sources import to_y
from .text_edits import apply
from .writer import ORIGIN


def sources_of(cells: Sequence[tuple[int, Mapping[str, Any]]]) -> list[CellSource]:
    """Cells as they can be edited. Anything may be given: what a cell lacks is empty.

    Args:
        cells: index and cell, of a document or of a file.
    """
    return [_source_of(index, cell) for index, cell in cells]


def insert(room: Room, wanted: Insertion) -> CellSource:
    """Insert a cell; returns it. Raises NotFound when the cell beside which it is to be is not there."""
    index = _target(room, wanted.place)
    metadata: dict[str, Any] = {"tags": list(wanted.tags)} if wanted.tags else {}
    with _transaction(room):
        room.cells.insert(index, _new_cell(str(uuid.uuid4()), wanted.type, wanted.source, metadata))
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
    if (is_retyped or source != str(cell["source"])) and _metadata(cell).get("editable") is False:
        raise CellProtected(f"cell {cell_id} is not editable: its metadata says so")
    if is_retyped:
        _check_idle(cell, cell_id, is_busy)
    with _transaction(room):
        if wanted.type is not None and is_retyped:
            _retype(room, index, wanted.type, source)
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
    if _metadata(cell).get("deletable") is False:
        raise CellProtected(f"cell {cell_id} cannot be deleted: its metadata says so")
    _check_idle(cell, cell_id, is_busy)
    with _transaction(room):
        del room.cells[index]
        if not len(room.cells):
            room.cells.append(_new_cell(str(uuid.uuid4()), "code", "", {}))


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
        copy = _copy(cell)
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


def _new_cell(cell_id: str, type_: str, source: str, metadata: dict[str, Any], **more: Any) -> Map[Any]:
    """A cell without outputs, which for that is trusted, with the keys that ``createCell`` of @jupyter/ydoc sets."""
    if type_ == "code":
        metadata = {**metadata, "trusted": True}
        more = {"outputs": Array(), "execution_count": None}
    return Map({"id": cell_id, "cell_type": type_, "source": Text(source), "metadata": Map(metadata), **more})


def _retype(room: Room, index: int, type_: str, source: str) -> None:
    """Put a cell of another type into the place of one, as JupyterLab does: outputs go, attachments of text stay."""
    cell = room.cells[index]
    metadata = {key: item for key, item in _metadata(cell).items() if key != "trusted"}
    attachments = cell.get("attachments")
    kept = {"attachments": _python(attachments)} if attachments and type_ != "code" else {}
    made = _new_cell(str(cell["id"]), type_, source, metadata, **kept)
    del room.cells[index]
    room.cells.insert(index, made)


def _copy(cell: Map[Any]) -> Map[Any]:
    """The same once more: a shared object cannot be moved. Like JupyterLab's, the copy does not say that it runs."""
    value: dict[str, Any] = cell.to_py() or {}
    value.pop("execution_state", None)
    value["source"] = Text(str(cell["source"]))
    value["metadata"] = Map(_metadata(cell))
    if isinstance(value.get("outputs"), list):
        value["outputs"] = Array([to_y(output) for output in value["outputs"]])
    return Map(value)


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
    return _source_of(index, room.cells[index])


def _source_of(index: int, cell: Mapping[str, Any] | Map[Any]) -> CellSource:
    metadata, source = _metadata(cell), cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    type_, count = str(cell.get("cell_type", "")), cell.get("execution_count")
    tags = metadata.get("tags")
    return CellSource(
        index,
        str(cell.get("id") or ""),
        type_,
        text,
        digest_text(text),
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        int(count) if isinstance(count, int | float) and abs(count) < 2**53 else None,
        str(cell.get("execution_state") or "idle") if type_ == "code" else None,
        metadata.get("editable") is not False,
        metadata.get("deletable") is not False,
    )


def _metadata(cell: Mapping[str, Any] | Map[Any]) -> dict[str, Any]:
    found = _python(cell.get("metadata"))
    return found if isinstance(found, dict) else {}


def _python(value: Any) -> Any:
    return value.to_py() if hasattr(value, "to_py") else value
