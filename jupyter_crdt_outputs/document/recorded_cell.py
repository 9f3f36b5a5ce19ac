"""A cell whose outputs the server writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

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
        self._is_ours = False

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
        self._is_to_begin = self._is_ours = True

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

        Only while the cell says that it runs: what anybody did to it since stands. But what no browser runs is for us
        to end, once, as a browser would: also when its outputs were cleared meanwhile, or it was moved. Both in one
        transaction: each client answers a count that comes alone by writing the state itself.
        """
        room = self._rooms.get(self.room_id)
        cell = self._find(room)
        if self._is_detached or room is None or cell is None or room.is_loading:
            return False
        is_ours, self._is_ours = self._is_ours and execution_count is not None, False
        if cell.get("execution_state") != "running" and not (is_ours and cell.get("cell_type") == "code"):
            return False
        with room.doc.transaction(origin=ORIGIN):
            if execution_count is not None:
                cell["execution_count"] = float(execution_count)
            cell["execution_state"] = "idle"
        return True

    def correct_count(self, execution_count: int | None, wrong: Collection[int | None]) -> bool:
        """Write the count of the execution whose outputs these are where one of the *wrong* ones stands."""
        room = self._rooms.get(self.room_id)
        cell = self._find(room)
        if self._is_detached or execution_count is None or room is None or cell is None or room.is_loading:
            return False
        present = cell.get("execution_count")
        if not isinstance(present, float | int) or present == execution_count or present not in wrong:
            return False
        with room.doc.transaction(origin=ORIGIN):
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
