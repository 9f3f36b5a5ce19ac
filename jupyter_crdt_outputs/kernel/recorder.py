"""The recorder: what the server hears from a kernel, and the only writer of what it records."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto

from ..document.rooms import Room
from .captures import OutputCaptures
from .context import RecorderContext
from .conversion import Converter
from .endings import Endings
from .execution import Execution
from .executions import Executions
from .messages import OUTPUT_TYPES, Message, names_display
from .pace import Paces
from .recording import Recording
from .silence import Silence
from .spill import Spill


class _Step(Enum):
    RELIEVE = auto()
    SETTLE = auto()
    ECHO = auto()
    KERNEL_GONE = auto()


_LATE_REST_S = 2.0

_SHOWN = frozenset({"display_data", "execute_result", "error"})
_COMMIT_S = 0.1
_COMMIT_BYTES = 1 << 23

_ECHO_S = 1.0
"""How long the browser's own output of an answer is waited for; it is on its way when the answer passes."""


class Recorder:
    """Writes the outputs of one kernel's claimed executions, in the order in which the kernel sent them.

    Small messages are written as they come; a large one is handled in a thread, and what comes after it waits.
    """

    def __init__(self, context: RecorderContext) -> None:
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
        self._endings = Endings(self._executions, context.is_connected, self._hold, context.wrote, context.leave)
        self._silence = Silence(self._executions, self.end_all)
        self._backlog: deque[tuple[Execution | None, Message | _Step]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._asking: Execution | None = None
        self._late: set[Execution] = set()
        self._arrived = asyncio.Event()
        self._commit_at = 0.0

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
        self.captures.follow(message)
        execution = self._executions.get(message.parent_id)
        is_output = message.type in OUTPUT_TYPES
        if is_output and self.captures.capture(message.parent_id):
            execution = None
        if execution is not None and (is_output or message.type in ("execute_input", "status")):
            self._enqueue(execution, message)
        elif execution is None and names_display(message) and (self._executions.shows_any or self._backlog):
            self._enqueue(None, message)

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
            self._enqueue(asking, _Step.ECHO)

    def end_all(self) -> None:
        """The kernel is gone, or will say no more: no execution of it will go on."""
        for execution in self._executions.running:
            self._enqueue(execution, _Step.KERNEL_GONE)

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
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])
        for execution in self._late:
            await execution.settle()
        self._paces.write_all()
        self._endings.finish_all()

    def _enqueue(self, execution: Execution | None, item: Message | _Step) -> None:
        if self._worker is None or self._worker.done():
            try:
                if isinstance(item, Message) and self._process_now(execution, item):
                    return
            except Exception:
                self._context.log.exception("an output could not be recorded")
                return
            self._backlog.append((execution, item))
            self._work_off()
        else:
            self._backlog.append((execution, item))
            if not _is_display(execution, item):
                self._arrived.set()

    def _work_off(self) -> None:
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._backlog:
            displays = await self._next_displays()
            try:
                if len(displays) > 1:
                    await self._recording.record_displays(displays)
                else:
                    await self._process(*(displays[0] if displays else self._backlog.popleft()))
            except Exception:
                self._context.log.exception("an output could not be recorded")

    async def _next_displays(self) -> list[tuple[Execution | None, Message]]:
        """Take the outputs at the head of the backlog that can be stored with one commit.

        A cell that shows thousands would cost thousands of commits. So they wait for each other for a moment, unless
        there has been no commit lately or something comes after them.
        """
        loop = asyncio.get_running_loop()
        while len(displays := self._displays_ahead()) == len(self._backlog) and self._commit_at > loop.time():
            self._arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), self._commit_at - loop.time())
        if displays:
            self._commit_at = loop.time() + _COMMIT_S
        for _ in displays:
            self._backlog.popleft()
        return displays

    def _displays_ahead(self) -> list[tuple[Execution | None, Message]]:
        """The items at the head of the backlog that are outputs which need nothing but to be stored and shown."""
        ahead: list[tuple[Execution | None, Message]] = []
        size = 0
        for execution, item in self._backlog:
            if not _is_display(execution, item) or size > _COMMIT_BYTES:
                break
            assert isinstance(item, Message)
            ahead.append((execution, item))
            size += len(item.frame)
        return ahead

    def _process_now(self, execution: Execution | None, message: Message) -> bool:
        if message.type == "status":
            return message.content.get("execution_state") != "idle"
        if not self._recording.record_now(execution, message):
            return False
        self._relieve_if_long(execution, message)
        return True

    async def _process(self, execution: Execution | None, item: Message | _Step) -> None:
        if isinstance(item, Message):
            if self._process_now(execution, item):
                return
            if item.type == "status":
                await self._end(execution, kernel_is_gone=False)
            else:
                await self._recording.record(execution, item)
                self._relieve_if_long(execution, item)
        elif execution is not None and item is _Step.RELIEVE:
            await execution.relieve()
            self._paces.write(execution)
            if not self._executions.is_running(execution):
                self._settle_later(execution)
        elif execution is not None and item is _Step.SETTLE:
            if execution.is_quiet():
                self._late.discard(execution)
                await execution.settle()
                self._paces.write_now(execution)
            else:
                self._settle_later(execution)
        elif execution is not None and item is _Step.ECHO:
            with suppress(TimeoutError):
                await asyncio.wait_for(execution.cell.others_wrote.wait(), _ECHO_S)
        else:
            await self._end(execution, kernel_is_gone=True)

    def _relieve_if_long(self, execution: Execution | None, message: Message) -> None:
        if execution is not None and message.type == "stream" and execution.must_relieve():
            self._backlog.appendleft((execution, _Step.RELIEVE))
            self._work_off()

    def _settle_later(self, execution: Execution) -> None:
        """A thread prints on after its cell has ended, and nothing will say when it has finished."""
        self._late.add(execution)
        asyncio.get_running_loop().call_later(_LATE_REST_S, self._enqueue, execution, _Step.SETTLE)

    async def _end(self, execution: Execution | None, *, kernel_is_gone: bool) -> None:
        if execution is None or not self._executions.is_running(execution):
            return
        try:
            self._paces.write_now(execution)
            await execution.settle()
            self._paces.write_now(execution)
        finally:
            self._endings.end(execution, kernel_is_gone=kernel_is_gone)
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


def _is_display(execution: Execution | None, item: Message | _Step) -> bool:
    return execution is not None and isinstance(item, Message) and item.type in _SHOWN
