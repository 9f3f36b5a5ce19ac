"""A room that people work in while it lacks outputs of its file."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..arriving import bring_in, trust
from ..opened import OpenedNotebook
from ..rooms import Room
from ..sources import slices, to_y, write_outputs, write_trust
from ..writer import ORIGIN
from .unfinished import Begun

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
        trouble: why it is not going to be complete, or not soon.
        touched: cells that somebody has run or changed the outputs of.
        missing: the outputs of cells that somebody has deleted.
        release: lets the room be closed.
        task: fills it.
        is_writing: whether it is the filling, and not somebody else, that writes into the document now.
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
            lacking = followed()
            if lacking is not None and not lacking.is_writing:
                lacking.note(events)

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

    @contextmanager
    def passing_on(self) -> Iterator[None]:
        """Inside, what is written into the source is written into the document, unless upstream does that."""
        if self.source is None or not self.passes_on:
            yield
            return
        apply = self.room.doc.apply_update
        subscription = self.source.ydoc.observe(lambda event: apply(event.update))
        try:
            yield
        finally:
            self.source.ydoc.unobserve(subscription)

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
