"""The recorder: what the server hears from a kernel, and the only writer of what it records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ..document.rooms import Room
from .backlog import Backlog, Item, Step
from .captures import OutputCaptures
from .context import RecorderContext
from .conversion import Converter
from .endings import Endings
from .execution import Execution
from .executions import Executions
from .losses import Losses, mark
from .messages import OUTPUT_TYPES, Message, is_idle, names_display
from .pace import Paces
from .recording import Recording
from .settling import Settling
from .silence import Silence
from .spill import Spill

_ECHO_S = 1.0
"""How long the browser's own output of an answer is waited for; it is on its way when the answer passes."""


class Recorder:
    """Writes the outputs of one kernel's claimed executions, in the order in which the kernel sent them.

    Small messages are written as they come; a large one is handled in a thread, and what comes after it waits.

    Args:
        context: what recorders share.
        ask: asks the kernel for something that it publishes an answer to; returns the ids of the requests.
    """

    def __init__(self, context: RecorderContext, ask: Callable[[], list[str]]) -> None:
        self.captures = OutputCaptures()
        self._context = context
        self._executions = Executions()
        self._paces = Paces(context.flush_interval_s, self._sync)
        self._recording = Recording(
            self._executions,
            self.captures,
            self._paces,
            Converter(context.archive, context.output_max_bytes),
            context.store_failed,
        )
        self._endings = Endings(
            self._executions, context.is_connected, context.tell_idle, self._hold, context.wrote, context.leave
        )
        self._silence = Silence(self._executions, self.end_all)
        self._losses = Losses(
            self._executions,
            self._silence.silent_s,
            ask,
            lambda overdue: self._enqueue(overdue, Step.END_WAS_LOST),
        )
        self._backlog = Backlog(self._process_together, context.waiting, context.log)
        self._asking: Execution | None = None
        self._settling = Settling(self._executions, self._paces, lambda late: self._enqueue(late, Step.SETTLE))

    def claim(self, request_id: str, client: str, room: Room, cell_id: str) -> None:
        """Take over the outputs of a client's request, before it is sent to the kernel. An older one is detached."""
        context = self._context
        execution = Execution(
            request_id,
            client,
            context.cells.record(room, cell_id),
            Spill(context.logs, context.archive, context.store_failed),
            context.rooms.hold(room),
        )
        older = self._executions.add(execution)
        if older is not None:
            older.abandon()
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
        is_output = message.type in OUTPUT_TYPES
        if is_output and self.captures.capture(message.parent_id):
            execution = None
        if execution is not None and (is_output or message.type in ("execute_input", "status")):
            self._enqueue(execution, message)
        elif (
            execution is None and names_display(message) and (self._executions.shows_any or not self._backlog.is_empty)
        ):
            self._enqueue(None, message)

    def told(self, message: Message) -> None:
        """The kernel sent a client this, on a channel that is the client's alone."""
        self._losses.answered(message)

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
            self._enqueue(asking, Step.ECHO)

    def end_all(self) -> None:
        """The kernel is gone, or will say no more: no execution of it will go on."""
        for execution in self._executions.running:
            self._enqueue(execution, Step.KERNEL_GONE)

    def restarted(self) -> None:
        """Another process of the kernel has taken over: nothing of the former one goes on."""
        self.end_all()
        self._endings.kernel_went()
        self._executions.forget_displays()
        self.captures.forget()

    def client_left(self, client: str) -> None:
        """A client's websocket is closed."""
        self._endings.client_left(client)

    async def stop(self) -> None:
        """Write everything received so far, and end what runs: the server stops, and its kernels with it."""
        self.end_all()
        self._silence.stop()
        await self._backlog.done()
        await self._settling.settle_all()
        self._paces.write_all()
        self._endings.finish_all()

    def _enqueue(self, execution: Execution | None, item: Message | Step) -> None:
        if self._backlog.is_idle and isinstance(item, Message):
            try:
                if self._process_now(execution, item):
                    return
            except Exception:
                self._context.log.exception("an output could not be recorded")
                return
        self._backlog.append((execution, item))

    async def _process_together(self, items: list[Item]) -> None:
        if len(items) > 1:
            await self._recording.record_displays([(each, item) for each, item in items if isinstance(item, Message)])
        else:
            await self._process(*items[0])

    def _process_now(self, execution: Execution | None, message: Message) -> bool:
        if message.type == "status":
            return not is_idle(message)
        if not self._recording.record_now(execution, message):
            return False
        self._relieve_if_long(execution, message)
        return True

    async def _process(self, execution: Execution | None, item: Message | Step) -> None:
        if isinstance(item, Message):
            if self._process_now(execution, item):
                return
            if item.type == "status":
                await self._end(execution)
            else:
                await self._recording.record(execution, item)
                self._relieve_if_long(execution, item)
        elif execution is not None and item is Step.RELIEVE:
            await self._settling.relieve(execution)
        elif execution is not None and item is Step.SETTLE:
            await self._settling.settle(execution)
        elif execution is not None and item is Step.ECHO:
            with suppress(TimeoutError):
                await asyncio.wait_for(execution.cell.others_wrote.wait(), _ECHO_S)
        else:
            await self._end(execution, item)

    def _relieve_if_long(self, execution: Execution | None, message: Message) -> None:
        if execution is not None and message.type == "stream" and execution.must_relieve():
            self._backlog.push((execution, Step.RELIEVE))

    async def _end(self, execution: Execution | None, step: Step | None = None) -> None:
        if execution is None or not self._executions.is_running(execution):
            return
        lost = self._losses.lost(execution)
        self._context.lost(lost)
        if lost or step is Step.END_WAS_LOST:
            execution.cell.area.write("stderr", mark(lost))
        try:
            self._paces.write_now(execution)
            await execution.settle()
            self._paces.write_now(execution)
        finally:
            self._endings.end(execution, kernel_is_gone=step is Step.KERNEL_GONE)
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
