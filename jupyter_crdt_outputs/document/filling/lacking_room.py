"""A room that people work in while it lacks outputs of its file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..arriving import bring_in, trust
from ..opened import OpenedNotebook
from ..returning import ReturningCells
from ..rooms import Room
from ..sources import slices, write_outputs, write_trust
from .unfinished import Begun


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
        returning: the cells that people move or delete meanwhile.
        release: lets the room be closed.
        task: fills it.
    """

    room: Room
    source: Any | None
    opened: OpenedNotebook
    ids: Sequence[str]
    passes_on: bool = True
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: str = ""
    returning: ReturningCells = field(init=False)
    release: Callable[[], None] = lambda: None
    task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.returning = ReturningCells(self.room)

    @property
    def begun(self) -> Begun:
        """What its document was before."""
        return Begun.WITH_HISTORY if self.source is None else Begun.AS_SOURCE

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
            trusted = [self.ids[number] for number in some if cells[number]["metadata"].get("trusted")]
            self.returning.trusts(trusted)
            with self.returning.writing():
                if self.source is not None:
                    write_trust(self.source.ydoc, self.source.ycells, self.opened, some)
                trust(self.room, trusted)  # also those that people have moved, which are other cells
            await asyncio.sleep(0)

    def write(self, number: int, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Bring in the outputs of a cell."""
        cell_id = self.ids[number]
        self.returning.has(cell_id, outputs)
        with self.returning.writing():
            bring_in(
                self.room,
                cell_id,
                outputs,
                lambda: self._write_source(number, outputs),
                is_wanted=cell_id not in self.returning.touched,
            )

    def _write_source(self, number: int, outputs: Sequence[Mapping[str, Any]]) -> None:
        if self.source is not None:
            write_outputs(self.source.ydoc, self.source.ycells[number], outputs)
