"""What is done with a cell when its turn comes, and when its kernel is done with it."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from ...document import executing
from ...model.executions import source_digest
from ..context import RecorderContext
from .batch import Item
from .conversation import Conversation
from .payloads import next_input


class Beginning(Enum):
    """What came of it when a cell's turn came."""

    SENT = auto()
    ENDED = auto()
    UNCONNECTED = auto()


class Turns:
    """Begins and ends the executions of one kernel, as the page would that runs the cell.

    The source of a cell is what it is when its turn comes. Count, state and times are written by the server, since no
    browser does.

    Args:
        kernel_id: of the kernel.
        kernel: what it is told, and hears.
        context: what recorders share.
        control: jupyter_server's kernel manager, which has the kernels that run.
    """

    def __init__(self, kernel_id: str, kernel: Conversation, context: RecorderContext, control: Any) -> None:
        self._kernel_id = kernel_id
        self._kernel = kernel
        self._context = context
        self._control = control

    def begin(self, item: Item) -> Beginning:
        """Send a cell to the kernel, unless it has ended without, or the kernel must be connected to first."""
        live, context = item.live, self._context
        if self._kernel_id not in self._control:
            live.close("interrupted", "KernelGone", "the kernel was shut down before its turn came")
            return Beginning.ENDED
        room = context.rooms.get(item.batch.room_id)
        cell = None if room is None else room.find_cell(item.cell_id)
        if room is None or cell is None:
            live.close("aborted", "CellGone", "the cell was deleted before its turn came")
            return Beginning.ENDED
        source = str(cell["source"])
        digest = source_digest(source)
        if item.expected is not None and digest != item.expected:
            live.close("aborted", "SourceChanged", "the cell was edited before its turn came")
            return Beginning.ENDED
        own = None
        if item.appendix:
            own, source = digest.hex, f"{source}\n{item.appendix}"
            digest = source_digest(source)
        is_empty = not source.strip()
        if not is_empty and not self._kernel.is_connected:
            return Beginning.UNCONNECTED
        live.sent(digest.hex, context.ledger.source(source), own)
        if is_empty:
            executing.clear(room, item.cell_id, "idle", is_run=False)
            live.close("ok")
            return Beginning.ENDED
        metadata = cell["metadata"].to_py()
        continues = "raises-exception" in (metadata.get("tags") or ()) or not item.batch.request.stop_on_error
        self._kernel.send(item, room, source, metadata, stop_on_error=not continues)
        return Beginning.SENT

    def end(self, item: Item) -> None:
        """Write what a cell leaves beside its outputs, all of which are written."""
        live, room = item.live, self._context.rooms.get(item.batch.room_id)
        self._kernel.widgets.flush()
        if live.record.status == "interrupted":
            self._kernel.widgets.forget()
        if room is None:
            return
        if live.timing:
            executing.set_timing(room, item.cell_id, live.timing)
        if (wanted := next_input(live.reply)) is not None and live.record.status == "ok":
            executing.set_next_input(room, item.cell_id, wanted.text, replace=wanted.replace)
        self._context.wrote(room.room_id)

    def stops_batch(self, item: Item) -> bool:
        """Whether the rest of the batch is not to be run. Time that is up is an error, if an interrupt was enough."""
        status, request = item.live.record.status, item.batch.request
        if status == "ok":
            return False
        if status != "error" and (status != "timeout" or item.live.reply is None):
            return status != "cancelled" or item.live.record.started_at is not None
        room = self._context.rooms.get(item.batch.room_id)
        cell = None if room is None else room.find_cell(item.cell_id)
        tags = () if cell is None else cell["metadata"].get("tags") or ()
        return request.stop_on_error and "raises-exception" not in tags
