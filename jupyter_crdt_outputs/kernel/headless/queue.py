"""The queue of one kernel: cells that are run one after another."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

from jupyter_core.utils import ensure_async

from ...document import executing
from ...document.rooms import Room, remember_kernel_info
from ...errors import KernelUnavailable, NotNow, QueueFull
from ...model.executions import source_digest
from ..context import RecorderContext
from ..kernels import Kernels
from ..messages import Message
from ..recorder import Recorder
from ..records import LiveRecord
from .batch import Batch, Item
from .client import KernelClient
from .payloads import echo, next_input, pages
from .rests import Rests
from .time_limit import TimeLimit
from .widget_outputs import WidgetOutputs

_LONGEST = 10_000
_START_S = 60.0


class KernelQueue:
    """Runs cells on one kernel as a JupyterLab page would that sent them one after another.

    The source of a cell is what it is when its turn comes. What it puts out is written by the kernel's recorder, as for
    a browser; count, state and times are written by the server, since no browser does.

    Args:
        kernel_id: of the kernel.
        manager: the kernel's.
        kernels: the recorders.
        context: what recorders share.
        control: interrupts, restarts and shuts down kernels: jupyter_server's.
        rests: takes over notebooks of which nothing is left to run.
        log: for what no user can do anything about.
    """

    def __init__(
        self,
        kernel_id: str,
        manager: Any,
        kernels: Kernels,
        context: RecorderContext,
        control: Any,
        rests: Rests,
        log: logging.Logger,
    ) -> None:
        self._kernel_id = kernel_id
        self._manager = manager
        self._kernels = kernels
        self._context = context
        self._control = control
        self._rests = rests
        self._log = log
        self._items: deque[Item] = deque()
        self._current: tuple[str, Item] | None = None
        self._asking: Message | None = None
        self._client = KernelClient(manager, self._replied, self._asked, log)
        self._widgets = WidgetOutputs(self._client.send_comm)
        self._worker: asyncio.Task[None] | None = None

    async def connect(self) -> dict[str, Any]:
        """Wait until the kernel is heard, and take what it says of itself.

        Raises:
            KernelUnavailable: it gives no sign of life within a minute.
        """
        self._recorder.captures.on_outputs = self._widgets.set
        if not self._kernels.is_live(self._kernel_id):
            try:
                async with asyncio.timeout(_START_S):
                    while not self._kernels.is_live(self._kernel_id):
                        await self._kernels.ready(self._kernel_id)
            except TimeoutError as error:
                raise KernelUnavailable("the kernel gives no sign of life") from error
        if not self._client.connect() or self._is_busy:
            return {}
        info = await self._client.info()
        remember_kernel_info(self._manager, info)
        return info

    def is_of(self, manager: Any) -> bool:
        """Whether this is the queue of that manager's kernel, which a later one of the same id is not."""
        return self._manager is manager

    @property
    def is_idle(self) -> bool:
        """Whether a cell that is added now runs at once."""
        return not self._items and self._current is None

    def check(self, count: int) -> None:
        """Raise :class:`QueueFull` unless there is room for so many cells."""
        if len(self._items) + count > _LONGEST:
            raise QueueFull(f"{len(self._items)} cells wait for this kernel already, and {_LONGEST} may")

    def add(self, batch: Batch) -> None:
        """Queue a batch behind what there is."""
        if not batch.items:
            self._leave(batch)
        self._items.extend(batch.items)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def cancel(self, lives: Iterable[LiveRecord]) -> None:
        """Do not run these any more; the one that runs is interrupted."""
        wanted = {id(live) for live in lives}
        dropped = [item for item in self._items if id(item.live) in wanted]
        self._drop(dropped, "cancelled")
        if self._current is not None and id(self._current[1].live) in wanted:
            self._current[1].live.verdict = "cancelled"
            await self.interrupt()

    def drop_all(self) -> None:
        """Do not run what waits: the kernel is about to be restarted."""
        self._drop(list(self._items), "cancelled")

    async def interrupt(self) -> None:
        """Interrupt the kernel."""
        await ensure_async(self._control.interrupt_kernel(self._kernel_id))

    def is_running(self, live: LiveRecord) -> bool:
        """Whether this is the one that the kernel was last given."""
        return self._current is not None and self._current[1].live is live

    def answer(self, live: LiveRecord, value: str) -> None:
        """Answer what a running cell asks for. Raises :class:`NotNow` when it asks for nothing."""
        if self._current is None or self._current[1].live is not live or self._asking is None or live.prompt is None:
            raise NotNow("this execution asks for no input")
        request, self._asking = self._asking, None
        request_id, (prompt, is_secret) = self._current[0], live.prompt
        self._recorder.show(request_id, echo(request, prompt, value, is_secret=is_secret))
        self._client.answer(request, value)
        live.answered()

    async def stop(self) -> None:
        """Run nothing more: the server stops. What runs is ended by its recorder."""
        items, self._items = list(self._items), deque()
        for item in items:
            item.live.close("interrupted", "ServerStopped", "the server was stopped before its turn came")
        self._unschedule(items)
        if self._worker is not None:
            self._worker.cancel()
        self._client.close()

    @property
    def _is_busy(self) -> bool:
        return getattr(self._manager, "execution_state", None) == "busy"

    @property
    def _recorder(self) -> Recorder:
        return self._kernels.follow(self._kernel_id, self._manager)

    async def _work(self) -> None:
        while self._items:
            item = self._items.popleft()
            try:
                await self._run(item)
            except Exception as error:
                self._log.exception("a cell could not be run")
                item.live.close("aborted", type(error).__name__, str(error))
            finally:
                self._current = self._asking = None
            if item.live.record.started_at is None:
                self._unschedule([item])
            if self._stops(item):
                self._drop([other for other in self._items if other.batch is item.batch], "aborted")
            self._leave(item.batch)

    async def _run(self, item: Item) -> None:
        live, context = item.live, self._context
        if self._kernel_id not in self._control:
            live.close("interrupted", "KernelGone", "the kernel was shut down before its turn came")
            return
        room = context.rooms.get(item.batch.room_id)
        cell = None if room is None else room.find_cell(item.cell_id)
        if room is None or cell is None:
            live.close("aborted", "CellGone", "the cell was deleted before its turn came")
            return
        source = str(cell["source"])
        digest = source_digest(source)
        if item.expected is not None and digest != item.expected:
            live.close("aborted", "SourceChanged", "the cell was edited before its turn came")
            return
        if item.appendix:
            source = f"{source}\n{item.appendix}"
            digest = source_digest(source)
        live.sent(digest.hex, context.ledger.source(source))
        if not source.strip():
            executing.clear(room, item.cell_id, "idle")
            live.close("ok")
            return
        await self.connect()
        metadata = cell["metadata"].to_py()
        continues = "raises-exception" in (metadata.get("tags") or ()) or not item.batch.request.stop_on_error
        request_id, send = self._client.prepare(
            source,
            {**metadata, "deletedCells": [], "recordTiming": item.records_timing, "cellId": item.cell_id},
            stop_on_error=not continues,
            allow_stdin=item.batch.request.allow_stdin,
        )
        live.records_timing = item.records_timing
        self._recorder.claim(request_id, self._client.name, room, item.cell_id, live, self._widgets.captured)
        self._current = request_id, item
        send()
        executing.clear(room, item.cell_id, "running")  # before anything that the kernel says can be heard
        await TimeLimit(self._kernel_id, self._control, self._log).wait(live, item.batch.request)
        self._finish(room, item)

    def _finish(self, room: Room, item: Item) -> None:
        live = item.live
        self._widgets.flush()
        if live.record.status == "interrupted":
            self._widgets.forget()
        if live.timing:
            executing.set_timing(room, item.cell_id, live.timing)
        if (wanted := next_input(live.reply)) is not None and live.record.status == "ok":
            executing.set_next_input(room, item.cell_id, wanted.text, replace=wanted.replace)
        self._context.wrote(room.room_id)

    def _stops(self, item: Item) -> bool:
        """Whether the rest of the batch is not to be run."""
        status, request = item.live.record.status, item.batch.request
        if status == "ok":
            return False
        if status != "error":
            return status != "cancelled" or item.live.record.started_at is not None
        room = self._context.rooms.get(item.batch.room_id)
        cell = None if room is None else room.find_cell(item.cell_id)
        tags = () if cell is None else cell["metadata"].get("tags") or ()
        return request.stop_on_error and "raises-exception" not in tags

    def _drop(self, items: list[Item], status: Any) -> None:
        dropped = {id(item) for item in items}
        self._items = deque(item for item in self._items if id(item) not in dropped)
        for item in items:
            item.live.close(status)
            room = self._context.rooms.get(item.batch.room_id)
            if room is not None and status == "aborted":  # as in JupyterLab, which cleared it when it was queued
                executing.clear(room, item.cell_id, "idle")
        if status != "aborted":
            self._unschedule(items)
        for batch in {item.batch: None for item in items}:
            self._leave(batch)

    def _unschedule(self, items: list[Item]) -> None:
        for item in items:
            room = self._context.rooms.get(item.batch.room_id)
            if room is not None:
                executing.unschedule(room, [item.cell_id])

    def _leave(self, batch: Batch) -> None:
        """Save and let go of a notebook of which nothing is left to run."""
        if batch.is_over and not batch.is_left:
            batch.is_left = True
            self._context.wrote(batch.room_id)
            self._rests.begin(batch.room_id, batch.release)

    def _replied(self, message: Message) -> None:
        self._kernels.catch_up(self._kernel_id)
        if self._current is not None and message.parent_id == self._current[0] and not message.is_large:
            for page in pages(message):
                self._current[1].live.pager.append(page.content["data"])
                self._recorder.show(message.parent_id, page)
        self._kernels.told(self._kernel_id, message)

    def _asked(self, message: Message) -> None:
        if self._current is None or message.parent_id != self._current[0]:
            return
        self._kernels.asked(self._kernel_id, message)
        self._asking = message
        prompt, is_secret = str(message.content.get("prompt", "")), bool(message.content.get("password"))
        self._current[1].live.asks(prompt, is_secret=is_secret)
