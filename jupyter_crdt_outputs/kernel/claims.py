"""Which execution a cell belongs to."""

from __future__ import annotations

from collections.abc import Callable

from ..document.rooms import Room
from .context import RecorderContext
from .execution import Execution
from .executions import Executions
from .messages import Message
from .pace import Paces
from .records import LiveRecord
from .spill import Spill


class Claims:
    """Gives a cell to the newest execution of it: the one that was asked for last, or that the kernel took up last.

    The two are the same for all that one client sends. Two clients reach a kernel on two sockets, and what the server
    has sent first may be taken up second.

    Args:
        context: what recorders share.
        executions: of one kernel.
        paces: write cells.
    """

    def __init__(self, context: RecorderContext, executions: Executions, paces: Paces) -> None:
        self._context = context
        self._executions = executions
        self._paces = paces

    def claim(
        self,
        request_id: str,
        client: str,
        room: Room,
        cell_id: str,
        live: LiveRecord,
        captured: Callable[[str, Message], None] | None,
    ) -> Execution:
        """Give a cell to a request; the execution that has had it is detached. See :meth:`Recorder.claim`."""
        context = self._context
        execution = Execution(
            request_id,
            client,
            context.cells.record(room, cell_id),
            Spill(context.logs, context.archive, context.store_failed),
            None if captured is not None else context.rooms.hold(room),
            live,
            captured,
        )
        older = self._executions.of_cell(execution)
        if older is not None:
            if self._executions.is_running(older):
                execution.overtake(older)
            older.abandon()
        self._executions.add(execution)
        if captured is not None:
            execution.cell.begin()
            live.is_to_be_shown = execution.cell.is_to_begin
            self._paces.open(execution)
        return execution

    def taken_up(self, execution: Execution) -> Execution:
        """The kernel has begun with a request. Returns the execution that stands for it from now on."""
        execution.has_begun = True
        later = self._executions.of_cell(execution)
        room = self._context.rooms.get(execution.cell.room_id)
        if later is None or later is execution or not later.has_begun or room is None:
            return execution
        again = self.claim(
            execution.msg_id, execution.client, room, execution.cell.cell_id, execution.live, execution.captured
        )
        again.has_begun = True
        again.overtake(later)
        return again
