"""The recorder: what the server hears from a kernel, and the only writer of what it records."""

from __future__ import annotations

from collections.abc import Callable

from ..document.rooms import Room
from .backlog import Step
from .captures import OutputCaptures
from .claims import Claims
from .context import RecorderContext
from .conversion import Converter
from .endings import Endings
from .execution import Execution
from .executions import Executions
from .losses import Losses, mark
from .messages import OUTPUT_TYPES, Message, names_display
from .pace import Paces
from .processing import Processing
from .recording import Recording
from .records import LiveRecord
from .silence import Silence


class Recorder:
    """Writes the outputs of one kernel's claimed executions, in the order in which the kernel sent them.

    Args:
        context: what recorders share.
        ask: asks the kernel for something that it publishes an answer to; returns the ids of the requests.
    """

    def __init__(self, context: RecorderContext, ask: Callable[[], list[str]]) -> None:
        self.captures = OutputCaptures()
        self._context = context
        self._executions = Executions()
        self._paces = Paces(context.flush_interval_s, self._sync)
        self._claims = Claims(context, self._executions, self._paces)
        converter = Converter(context.archive, context.output_max_bytes)
        recording = Recording(self._executions, self.captures, self._paces, converter, context.store_failed)
        self._processing = Processing(context, self._executions, self._paces, recording, self._end, self._end_now)
        self._endings = Endings(self._executions, context.clients, self._hold, context.wrote, context.leave)
        self._silence = Silence(self._executions, self.end_all)
        self._losses = Losses(
            self._executions,
            self._silence.silent_s,
            ask,
            lambda overdue: self._processing.add(overdue, Step.END_WAS_LOST),
        )
        self._asking: Execution | None = None

    def claim(
        self,
        request_id: str,
        client: str,
        room: Room,
        cell_id: str,
        live: LiveRecord,
        captured: Callable[[str, Message], None] | None = None,
    ) -> None:
        """Take over the outputs of a client's request, before it is sent to the kernel. An older one is detached.

        Args:
            request_id: of the request.
            client: whose it is.
            room: the notebook.
            cell_id: the cell that it runs.
            live: what is recorded of it.
            captured: for a client that is no browser: called with the comm and the message when a widget takes an
                output. It keeps the notebook open itself, until after the end.
        """
        self._claims.claim(request_id, client, room, cell_id, live, captured)
        self._silence.watch()

    def owns(self, request_id: str) -> bool:
        """Whether the outputs of this request are written by us."""
        return self._executions.owns(request_id)

    def client_of(self, request_id: str) -> str | None:
        """The client whose request this is, if it is one of ours and its cell was not executed anew."""
        execution = self._executions.get(request_id)
        return None if execution is None else execution.client

    def receive(self, message: Message) -> None:
        """Take one iopub message, in the kernel's order."""
        self._silence.heard(message)
        self._losses.published(message)
        self.captures.follow(message)
        execution = self._executions.get(message.parent_id)
        if execution is not None and message.type == "execute_input":
            execution = self._claims.taken_up(execution)
        is_output = message.type in OUTPUT_TYPES
        if is_output and self.captures.capture(message.parent_id):
            taker = self.captures.taker(message.parent_id)
            if execution is not None and execution.captured is not None and taker is not None:
                execution.captured(taker, message)
            execution = None
        if execution is not None:
            execution.live.heard(message)
        if execution is not None and (is_output or message.type in ("execute_input", "status")):
            self._processing.add(execution, message)
        elif (
            execution is None
            and names_display(message)
            and (self._executions.shows_any or self._processing.has_waiting)
        ):
            self._processing.add(None, message)

    def told(self, message: Message) -> None:
        """The kernel sent a client this, on a channel that is the client's alone."""
        self._losses.answered(message)
        execution = self._executions.get(message.parent_id)
        if execution is not None:
            execution.live.replied(message)

    def show(self, request_id: str, message: Message) -> None:
        """Put an output into a request's cell that the kernel did not publish: a pager's text, an echo of input."""
        execution = self._executions.get(request_id)
        if execution is not None:
            self._processing.add(execution, message)

    def heard_idle(self, client: str, request_id: str) -> None:
        """This client was told that the kernel is done with this request."""
        execution = self._executions.get(request_id)
        if execution is not None and execution.client == client:
            execution.is_known_to_client = True

    def asked(self, request_id: str) -> None:
        """The kernel asks for input: whoever answers is to see what was printed before, and answers below it."""
        self._asking = self._executions.get(request_id)
        if self._asking is not None:
            self._paces.write_now(self._asking)

    def answered(self) -> None:
        """The answer is on its way to the kernel, and its echo, written by the browser, to the document.

        What the kernel prints next comes after the echo, as it does where one browser writes both.
        """
        asking, self._asking = self._asking, None
        if asking is not None and self._executions.is_running(asking):
            asking.cell.others_wrote.clear()
            self._processing.add(asking, Step.ECHO)

    def end_all(self) -> None:
        """The kernel is gone, or will say no more: no execution of it will go on."""
        for execution in self._executions.running:
            self._processing.add(execution, Step.KERNEL_GONE)

    def restarted(self) -> None:
        """Another process of the kernel has taken over: nothing of the former one goes on."""
        self.end_all()
        self._endings.kernel_went()
        self._executions.forget_displays()
        self.captures.forget()

    def client_left(self, client: str) -> None:
        """A client's websocket is closed."""
        self._endings.client_left(client)

    @property
    def is_behind(self) -> bool:
        """Whether outputs wait to be recorded."""
        return self._processing.is_behind

    async def stop(self) -> None:
        """Write everything received so far, and end what runs: the server stops, and its kernels with it."""
        self.end_all()
        self._silence.stop()
        await self._processing.finish()
        self._paces.write_all()
        self._endings.finish_all()

    async def _end(self, execution: Execution, step: Step | None) -> None:
        if not self._executions.is_running(execution):
            return
        lost = self._losses.lost(execution)
        self._context.lost(lost)
        if lost or step is Step.END_WAS_LOST:
            execution.cell.area.write("stderr", mark(lost))
        is_gone = step is Step.KERNEL_GONE
        try:
            if execution.must_settle:
                self._paces.write_now(execution)
                await execution.settle()
            self._write_end(execution, kernel_is_gone=is_gone)
        finally:
            self._ended(execution, kernel_is_gone=is_gone)

    def _end_now(self, execution: Execution) -> bool:
        """End an execution that the kernel has done; False, and nothing done, if there is more to it than to write."""
        if execution.must_settle or self._losses.lost(execution):
            return False
        if self._executions.is_running(execution):
            try:
                self._write_end(execution, kernel_is_gone=False)
            finally:
                self._ended(execution, kernel_is_gone=False)
        return True

    def _write_end(self, execution: Execution, *, kernel_is_gone: bool) -> None:
        with execution.cell.in_one_transaction():
            try:
                self._paces.write_now(execution)
            finally:
                self._endings.end(execution, kernel_is_gone=kernel_is_gone)

    def _ended(self, execution: Execution, *, kernel_is_gone: bool) -> None:
        execution.live.outputs_ended(execution.outputs(), kernel_is_gone=kernel_is_gone)
        self._silence.watch()

    def _sync(self, execution: Execution) -> bool:
        if execution.is_moving:
            return False
        execution.flush()
        is_written = execution.cell.sync()
        self._context.wrote(execution.cell.room_id)
        return is_written

    def _hold(self, room_id: str) -> Callable[[], None]:
        room = self._context.rooms.get(room_id)
        return (lambda: None) if room is None else self._context.rooms.hold(room)
