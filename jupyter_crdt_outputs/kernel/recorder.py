"""The recorder: what the server hears from a kernel, and the only writer of what it records."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from ..document.recorded_cells import RecordedCells
from ..document.rooms import Room, Rooms
from ..store.archive import Archive
from .captures import OutputCaptures
from .execution import Execution
from .messages import OUTPUT_TYPES, Message, display_id_of
from .pace import Paces

_REMEMBERED = 10_000
"""Executions whose late outputs are still known to be ours, a kernel."""


@dataclass(frozen=True)
class RecorderContext:
    """What the recorders of a server share.

    Attributes:
        rooms: the open notebooks.
        cells: the cells being written.
        archive: where bulk goes.
        flush_interval_s: seconds between writes of one cell once it prints fast.
        is_connected: whether the kernel client of this session id still has its websocket.
        store_failed: called with the room's id and the error when bulk had to stay in the document.
        wrote: called with the room's id after a write.
        leave: called at the end of an execution with the room's id and how to let go of the room.
        log: for what no user can do anything about.
    """

    rooms: Rooms
    cells: RecordedCells
    archive: Archive
    flush_interval_s: float
    is_connected: Callable[[str], bool]
    store_failed: Callable[[str, Exception], None]
    wrote: Callable[[str], None]
    leave: Callable[[str, Callable[[], None]], None]
    log: logging.Logger


class _Step(Enum):
    SEAL = auto()
    END = auto()


class Recorder:
    """Writes the outputs of one kernel's claimed executions, in the order in which the kernel sent them.

    Small messages are written as they come; a large one is handled in a thread, and what comes after it waits.
    """

    def __init__(self, context: RecorderContext) -> None:
        self._context = context
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._displays: dict[str, list[Execution]] = {}
        self._backlog: deque[tuple[Execution, Message | _Step]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._paces = Paces(context.flush_interval_s, self._sync)
        self.captures = OutputCaptures()

    def claim(self, request: Message, room: Room, cell_id: str) -> None:
        """Take over the outputs of a request, before it is sent to the kernel. An older execution is detached."""
        context, room_id = self._context, room.room_id
        cell = context.cells.record(room, cell_id)
        for older in self.running:
            if older.cell.is_detached:
                older.release()
        self._executions[request.msg_id] = Execution(
            request.msg_id,
            request.session,
            cell,
            context.archive,
            context.rooms.hold(room),
            lambda error: context.store_failed(room_id, error),
        )
        while len(self._executions) > _REMEMBERED:
            self._executions.popitem(last=False)[1].release()

    def owns(self, request_id: str) -> bool:
        """Whether the outputs of this request are written by us."""
        return request_id in self._executions

    @property
    def running(self) -> list[Execution]:
        """Executions that the kernel has not finished."""
        return [execution for execution in self._executions.values() if execution.is_running]

    def receive(self, message: Message) -> None:
        """Take one iopub message, in the kernel's order."""
        self.captures.follow(message)
        execution = self._executions.get(message.parent_id)
        if message.type == "update_display_data":
            self._receive_update(message)
        elif execution is None or (message.type in OUTPUT_TYPES and self.captures.capture(message.parent_id)):
            return
        elif message.type in OUTPUT_TYPES or message.type in ("execute_input", "status"):
            self._enqueue(execution, message)

    def end_all(self) -> None:
        """The kernel is gone: no execution of it will go on."""
        for execution in self.running:
            self._enqueue(execution, _Step.END)
        self._displays.clear()

    def client_left(self, client: str) -> None:
        """The browser may have gone between the end of an execution and what it writes then."""
        for execution in self._executions.values():
            if execution.client == client and not execution.is_running:
                execution.cell.finish(execution.execution_count)

    async def drain(self) -> None:
        """Wait until everything received so far is written."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])
        self._paces.write_all()

    def _receive_update(self, message: Message) -> None:
        if not self._displays or self.captures.capture(message.parent_id):
            return
        display_id = display_id_of(message.content)
        for execution in self._displays.get(display_id or "", ()):
            self._enqueue(execution, message)

    def _enqueue(self, execution: Execution, item: Message | _Step) -> None:
        is_idle = self._worker is None or self._worker.done()
        if is_idle and isinstance(item, Message):
            try:
                if self._process_now(execution, item):
                    return
            except Exception:
                self._context.log.exception("an output could not be recorded")
                return
        self._backlog.append((execution, item))
        if is_idle:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._backlog:
            execution, item = self._backlog.popleft()
            try:
                await self._process(execution, item)
            except Exception:
                self._context.log.exception("an output could not be recorded")

    def _process_now(self, execution: Execution, message: Message) -> bool:
        if message.type == "execute_input":
            execution.begin(message.content.get("execution_count"))
            self._paces.write(execution)
        elif message.type == "status":
            return message.content.get("execution_state") != "idle"
        elif message.type == "update_display_data" or not execution.record_now(message):
            return False
        else:
            self._recorded(execution, message)
        return True

    async def _process(self, execution: Execution, item: Message | _Step) -> None:
        if item is _Step.SEAL:
            await execution.seal()
            self._paces.write(execution)
        elif item is _Step.END or (isinstance(item, Message) and item.type == "status"):
            if item is _Step.END or item.content.get("execution_state") == "idle":
                await self._end(execution)
        elif isinstance(item, Message) and not self._process_now(execution, item):
            if item.type == "update_display_data":
                await execution.update_display(display_id_of(item.content) or "", item)
            else:
                await execution.record(item)
            self._recorded(execution, item)

    def _recorded(self, execution: Execution, message: Message) -> None:
        display_id = display_id_of(message.content) if message.type == "display_data" else None
        if display_id is not None:
            self._displays.setdefault(display_id, [])
            if execution not in self._displays[display_id]:
                self._displays[display_id].append(execution)
        self._paces.write(execution)
        if message.type == "stream" and execution.must_seal():
            self._backlog.appendleft((execution, _Step.SEAL))
            if self._worker is None or self._worker.done():
                self._worker = asyncio.get_running_loop().create_task(self._work())

    def _sync(self, execution: Execution) -> bool:
        is_written = execution.cell.sync()
        self._context.wrote(execution.cell.room_id)
        return is_written

    async def _end(self, execution: Execution) -> None:
        if not execution.is_running:
            return
        self._paces.write_now(execution)
        await execution.settle()
        self._paces.write_now(execution)
        execution.is_running = False
        if not self._context.is_connected(execution.client):
            execution.cell.finish(execution.execution_count)
        self._context.leave(execution.cell.room_id, execution.release)
