"""The cells whose outputs the server writes, kept in step with what everybody else does to the document."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from pycrdt import Map

from .executing import clear_cell
from .output_area import OutputArea
from .rooms import Room, Rooms
from .writer import ORIGIN, CellWriter


class RecordedCell:
    """One cell's outputs, written by the server alone (invariant I8).

    Survives the cell being moved (a new object), deleted and brought back, and the room being closed and reopened:
    the cell is looked up for every write, and what it holds is brought to :attr:`area` when it was away.

    Attributes:
        room_id: the notebook.
        cell_id: the cell.
        others_wrote: set whenever another client changed the outputs.
    """

    def __init__(
        self, rooms: Rooms, room_id: str, cell_id: str, follow: Callable[[Room], bool] = lambda _room: False
    ) -> None:
        self.room_id = room_id
        self.cell_id = cell_id
        self.others_wrote = asyncio.Event()
        self._rooms = rooms
        self._follow = follow
        self._writer = CellWriter()
        self._is_in_step = False
        self._is_detached = False
        self._is_to_begin = False

    @property
    def area(self) -> OutputArea:
        """The outputs as they should be."""
        return self._writer.area

    @property
    def written(self) -> list[dict[str, Any]] | None:
        """The outputs in the document, not to be changed; None if that takes reading them there."""
        return self._writer.written if self._is_in_step and not self._is_detached else None

    def begin(self) -> None:
        """No browser runs this: with the next write, what an earlier execution left goes, and the cell says it runs."""
        self._is_to_begin = True

    def is_to_begin(self) -> bool:
        """Whether the document still has what an earlier execution left."""
        return self._is_to_begin

    @contextmanager
    def in_one_transaction(self) -> Iterator[None]:
        """Let all that is written to the cell meanwhile be one change to everybody else. Nothing may be awaited in it.

        Each transaction costs everybody: a message to every browser, a row of history, a look at whether to save.
        """
        room = self._rooms.get(self.room_id)
        if room is None or room.is_loading:
            yield
            return
        with self._writer.writing(), room.doc.transaction(origin=ORIGIN):
            yield

    def sync(self) -> bool:
        """Write what changed. False when the document cannot take it now, so it is to be tried again shortly."""
        if self._is_detached:
            return True
        room = self._rooms.get(self.room_id)
        if room is not None and room.is_loading:
            return False
        cell = self._find(room)
        if room is None or cell is None:
            self._is_in_step = False
            return True
        if self._follow(room):
            self._is_in_step = False  # the room was closed and opened again
        if self._is_to_begin:
            self._is_to_begin = False
            with self.in_one_transaction():
                clear_cell(cell, "running")
                self._write(room, cell)
        else:
            self._write(room, cell)
        return True

    def finish(self, execution_count: int | None) -> bool:
        """Write count and state, which the executing browser would have written, had it stayed; False if it had.

        Only while the cell says that it runs: what anybody did to it since stands. Both in one transaction: each
        client answers a count that comes alone by writing the state itself.
        """
        room = self._rooms.get(self.room_id)
        cell = self._find(room)
        if self._is_detached or room is None or cell is None or room.is_loading:
            return False
        if cell.get("execution_state") != "running":
            return False
        with room.doc.transaction(origin=ORIGIN):
            if execution_count is not None:
                cell["execution_count"] = float(execution_count)
            cell["execution_state"] = "idle"
        return True

    def detach(self) -> None:
        """Never write again: the cell was executed anew."""
        self._is_detached = True

    @property
    def is_detached(self) -> bool:
        """Whether a newer execution has taken the cell over."""
        return self._is_detached

    def on_outputs_changed(self, cell: Map[Any]) -> None:
        """Somebody, perhaps we ourselves, changed the outputs."""
        if self._is_in_step and not self._is_detached and self._writer.on_foreign_change(cell["outputs"]):
            self.others_wrote.set()

    def on_cells_changed(self) -> None:
        """Cells came or went, and this one may be another object now."""
        self._is_in_step = False

    def _write(self, room: Room, cell: Map[Any]) -> None:
        if self._is_in_step:
            self._writer.sync(room.doc, cell["outputs"])
        else:
            self._writer.rewrite(room.doc, cell["outputs"])
            self._is_in_step = True

    def _find(self, room: Room | None) -> Map[Any] | None:
        return None if room is None else room.find_cell(self.cell_id)


class RecordedCells:
    """All of them, on one server.

    Args:
        rooms: the open notebooks.
        on_outputs_changed: called with the room and the cell's id whenever outputs changed, whoever did it.
    """

    def __init__(self, rooms: Rooms, on_outputs_changed: Callable[[Room, str], None]) -> None:
        self._rooms = rooms
        self._on_outputs_changed = on_outputs_changed
        self._cells: dict[str, dict[str, RecordedCell]] = {}
        self._followed: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def record(self, room: Room, cell_id: str) -> RecordedCell:
        """Begin to write a cell. The newest execution wins: an older one of the same cell is detached."""
        self.follow(room)
        cells = self._cells.setdefault(room.room_id, {})
        if cell_id in cells:
            cells[cell_id].detach()
        cell = cells[cell_id] = RecordedCell(self._rooms, room.room_id, cell_id, self.follow)
        return cell

    def is_recorded(self, room: Room, cell_id: str) -> bool:
        """Whether the server has written this cell since the room was opened."""
        return cell_id in self._cells.get(room.room_id, {})

    def written(self, room: Room, cell_id: str) -> list[dict[str, Any]] | None:
        """The outputs of a cell in the document if the server knows them without reading; not to be changed."""
        cell = self._cells.get(room.room_id, {}).get(cell_id)
        return None if cell is None else cell.written

    def follow(self, room: Room) -> bool:
        """Watch a room from now on. False when it was watched already."""
        if self._followed.get(room.room_id) is room.upstream:
            return False
        self._followed[room.room_id] = room.upstream
        for closed in [room_id for room_id in self._cells if self._rooms.get(room_id) is None]:
            del self._cells[closed]
        for cell in self._cells.get(room.room_id, {}).values():
            cell.on_cells_changed()

        # Held by the document, through which no garbage collector sees: it must not hold the document in turn.
        watched = weakref.ref(room.upstream)

        def changed(events: list[Any]) -> None:
            current = self._rooms.get(room_id)
            if current is not None and current.upstream is watched():
                self._dispatch(current, events)

        room_id = room.room_id
        room.observe(changed)
        return True

    def _dispatch(self, room: Room, events: list[Any]) -> None:
        recorded = self._cells.get(room.room_id, {})
        touched: dict[int, None] = {}
        for event in events:
            path = event.path
            if not path or (len(path) == 1 and "outputs" in (getattr(event, "keys", None) or {})):
                for cell in recorded.values():
                    cell.on_cells_changed()
                touched |= dict.fromkeys([int(path[0])] if path else _inserted(event.delta))
            elif len(path) > 1 and path[1] == "outputs":
                touched[int(path[0])] = None
        for index in touched:
            ycell = room.cells[index]
            cell_id = ycell.get("id")
            if not isinstance(cell_id, str) or room.find_cell(cell_id) is None:
                continue
            if cell_id in recorded:
                recorded[cell_id].on_outputs_changed(ycell)
            self._on_outputs_changed(room, cell_id)


def _inserted(delta: list[dict[str, Any]]) -> Iterator[int]:
    """Where cells came into an array."""
    at = 0
    for change in delta:
        if "insert" in change:
            yield from range(at, at + len(change["insert"]))
            at += len(change["insert"])
        else:
            at += change.get("retain", 0)
