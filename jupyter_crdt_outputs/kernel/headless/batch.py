"""Cells that were asked for together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...model.digest import Digest
from ...model.executions import RunRequest
from ..records import LiveRecord


@dataclass(eq=False)
class Item:
    """One cell of a batch, in its queue.

    Attributes:
        batch: that it belongs to.
        live: what is recorded of it.
        cell_id: the cell.
        expected: digest of the source that the caller saw, if that is to be checked again when its turn comes.
        appendix: code that is run after the cell's own.
    """

    batch: Batch
    live: LiveRecord
    cell_id: str
    expected: Digest | None
    appendix: str = ""


@dataclass(eq=False)
class Batch:
    """The cells of one request.

    Attributes:
        request: as it came.
        room_id: the notebook.
        release: lets go of the notebook, which the batch holds until its last cell has ended.
        records_timing: whether times go into the metadata of its cells.
        items: its cells, in order.
        is_left: whether it has let go.
    """

    request: RunRequest
    room_id: str
    release: Callable[[], None]
    records_timing: bool = False
    items: list[Item] = field(default_factory=list)
    is_left: bool = False

    def add(self, live: LiveRecord, expected: Digest | None, appendix: str = "") -> None:
        """One more cell, whose execution is this; the others as in :class:`Item`."""
        self.items.append(Item(self, live, live.record.cell, expected, appendix))

    @property
    def is_over(self) -> bool:
        """Whether all of it has ended."""
        return all(item.live.is_ended for item in self.items)
