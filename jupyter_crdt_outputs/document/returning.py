"""Cells that come back without what their file has for them: a page had not heard of it when it moved them."""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .arriving import trust
from .rooms import Room
from .sources import to_y
from .writer import ORIGIN

_OF_A_RUN = frozenset({"execution_state", "execution_count", "outputs"})


class ReturningCells:
    """Sees that cells which people move keep what their file had for them, for as long as the room is open.

    To move a cell is to insert a copy of it and to delete it. What is written to a cell while a page moves it that has
    not heard of that yet, is deleted with the cell. And what comes for a cell that was deleted is there for it when
    that is undone.

    Args:
        room: in which people work while the file is read.

    Attributes:
        touched: cells that somebody has run, made another kind of cell, or changed the outputs of: these are as people
            want them.
    """

    def __init__(self, room: Room) -> None:
        self.touched: set[str] = set()
        self._outputs: dict[str, str] = {}  # as JSON: there may be many, for long
        self._trusted: set[str] = set()
        self._is_writing = False
        # The document holds this, and no garbage collector sees through it: it must not be held in turn.
        self._upstream = weakref.ref(room.upstream)
        room.observe(self._note)

    def trusts(self, cell_ids: Iterable[str]) -> None:
        """These are trusted."""
        self._trusted.update(set(cell_ids) - self.touched)

    def has(self, cell_id: str, outputs: Sequence[Mapping[str, Any]]) -> None:
        """These are the outputs of a cell."""
        if outputs and cell_id not in self.touched:
            self._outputs[cell_id] = json.dumps(outputs)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Inside, what changes in the document is changed by us."""
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False

    def _note(self, events: list[Any]) -> None:
        """Somebody changed something."""
        upstream = self._upstream()
        if upstream is None or self._is_writing:
            return
        room = Room(upstream)
        if room.document.is_loading:  # another file is taken over
            self._outputs.clear()
            self._trusted.clear()
            return
        back: set[str] = set()
        for event in events:
            path = event.path
            if not path:
                for cell in (cell for change in event.delta for cell in change.get("insert", ())):
                    cell_id = str(cell.get("id"))
                    if cell.get("cell_type") == "code":
                        back.add(cell_id)
                    else:  # made another kind of cell, with which outputs go
                        self._set_aside(cell_id)
            elif path[1:2] == ["outputs"] or (len(path) == 1 and _OF_A_RUN & set(getattr(event, "keys", None) or ())):
                self._touch(room, int(path[0]))
        back &= self._outputs.keys() | self._trusted
        if back:
            asyncio.get_running_loop().call_soon(self._give_again, back)  # a document cannot be written to just now

    def _touch(self, room: Room, index: int) -> None:
        if index < len(room.cells):
            self._set_aside(str(room.cells[index].get("id")))

    def _set_aside(self, cell_id: str) -> None:
        self.touched.add(cell_id)
        self._outputs.pop(cell_id, None)
        self._trusted.discard(cell_id)

    def _give_again(self, cell_ids: Collection[str]) -> None:
        upstream = self._upstream()
        room = None if upstream is None else Room(upstream)
        if room is None or room.is_loading:
            return
        with self.writing():
            trust(room, self._trusted.intersection(cell_ids))  # before their outputs: views ask no later
            for cell_id in self._outputs.keys() & cell_ids:
                cell = room.find_cell(cell_id)
                if cell is not None and cell.get("cell_type") == "code" and not len(cell["outputs"]):
                    with room.doc.transaction(origin=ORIGIN):
                        cell["outputs"].extend([to_y(output) for output in json.loads(self._outputs[cell_id])])
