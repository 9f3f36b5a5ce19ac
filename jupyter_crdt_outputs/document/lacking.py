"""A room that people work in while it lacks outputs of its file."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .opened import OpenedNotebook
from .rooms import Room
from .sources import slices, to_y, write_outputs, write_trust
from .unfinished import Begun
from .writer import ORIGIN

_OF_A_RUN = frozenset({"execution_state", "execution_count", "outputs"})


@dataclass(eq=False)
class LackingRoom:
    """One room that lacks outputs.

    Attributes:
        room: which that is.
        source: what upstream makes its document from, and into which all is written first; None for a document that has
            a history and took over the cells of the file.
        opened: what it is filled from.
        ids: of the cells, in the order of the file.
        passes_on: whether what is written into *source* is to be written into the document by us.
        settled: set when it is complete, or in trouble.
        touched: cells that somebody has run or changed the outputs of.
        missing: the outputs of cells that somebody has deleted.
        release: lets the room be closed.
    """

    room: Room
    source: Any | None
    opened: OpenedNotebook
    ids: Sequence[str]
    passes_on: bool = True
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: str = ""
    touched: set[str] = field(default_factory=set)
    missing: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    release: Callable[[], None] = lambda: None
    task: asyncio.Task[None] | None = None
    is_writing: bool = False

    @property
    def begun(self) -> Begun:
        """What its document was before."""
        return Begun.WITH_HISTORY if self.source is None else Begun.AS_SOURCE

    def follow(self) -> None:
        """Note which cells are run, and which come back, for as long as the room is open."""
        # Held by the document, through which no garbage collector sees: it must not hold the document in turn.
        followed = weakref.ref(self)

        def changed(events: list[Any]) -> None:
            filling = followed()
            if filling is not None and not filling.is_writing:
                filling.note(events)

        self.room.observe(changed)

    def note(self, events: list[Any]) -> None:
        """Somebody changed something."""
        cells = self.room.cells
        for event in events:
            path = event.path
            is_touched = (len(path) == 1 and _OF_A_RUN & set(getattr(event, "keys", None) or ())) or (
                len(path) > 1 and path[1] == "outputs"
            )
            if is_touched and int(path[0]) < len(cells):
                self.touched.add(str(cells[int(path[0])].get("id")))
            if not path and self.missing:
                asyncio.get_running_loop().call_soon(self.bring_back)  # a document cannot be written to just now

    def bring_back(self) -> None:
        """Give their outputs to cells that were deleted when these came, and are there again."""
        for cell_id, outputs in list(self.missing.items()):
            cell = self.room.find_cell(cell_id)
            if cell is not None:
                del self.missing[cell_id]
                if cell_id not in self.touched and not len(cell["outputs"]):
                    with self.room.doc.transaction(origin=ORIGIN):
                        cell["outputs"].extend([to_y(output) for output in outputs])

    async def mark_trust(self) -> None:
        """Write whether the cells are trusted, before their outputs: views ask no later."""
        cells = self.opened["cells"]
        for some in slices(len(cells)):
            self.is_writing = True
            try:
                if self.source is not None:
                    write_trust(self.source.ydoc, self.source.ycells, self.opened, some)
                else:
                    trust(self.room, [self.ids[number] for number in some if cells[number]["metadata"].get("trusted")])
            finally:
                self.is_writing = False
            await asyncio.sleep(0)

    def write(self, number: int, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Bring in the outputs of a cell."""
        cell_id = self.ids[number]
        if self.room.find_cell(cell_id) is None:
            self.missing[cell_id] = outputs
        self.is_writing = True
        try:
            bring_in(
                self.room,
                cell_id,
                outputs,
                lambda: self._write_source(number, outputs),
                is_wanted=cell_id not in self.touched,
            )
        finally:
            self.is_writing = False

    def _write_source(self, number: int, outputs: Sequence[Mapping[str, Any]]) -> None:
        if self.source is not None:
            write_outputs(self.source.ydoc, self.source.ycells[number], outputs)


def trust(room: Room, cell_ids: Sequence[str]) -> None:
    """Mark cells as trusted; those that are gone are passed over."""
    with room.doc.transaction(origin=ORIGIN):
        for cell_id in cell_ids:
            cell = room.find_cell(cell_id)
            if cell is not None and cell["metadata"].get("trusted") is not True:
                cell["metadata"]["trusted"] = True


def bring_in(
    room: Room,
    cell_id: str,
    outputs: Sequence[Mapping[str, Any]],
    write: Callable[[], object],
    *,
    is_wanted: bool,
) -> None:
    """Have *write* put outputs into the document, in one transaction, and see that they are where they are wanted.

    They arrive in the cell as it was at first. Where people have moved it, that is another cell, which is gone.
    """
    cell = room.find_cell(cell_id)
    before = 0 if cell is None else len(cell["outputs"])
    with room.doc.transaction(origin=ORIGIN):
        write()
        cell = room.find_cell(cell_id)
        if cell is None:
            return
        arrived = len(cell["outputs"]) - before
        if not is_wanted:
            del cell["outputs"][:arrived]  # they stand first: no other author's number is as low
        elif not len(cell["outputs"]):
            cell["outputs"].extend([to_y(output) for output in outputs])
