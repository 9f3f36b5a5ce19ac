"""The queue of one kernel: cells that are run one after another."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

from ...document import executing
from ...errors import QueueFull
from ...model.executions import Status, source_digest
from ..context import RecorderContext
from ..records import LiveRecord
from .batch import Batch, Item
from .conversation import Conversation
from .payloads import next_input
from .rests import Rests
from .time_limit import TimeLimit

_LONGEST = 10_000


class KernelQueue:
    """Runs cells on one kernel as a JupyterLab page would that sent them one after another.

    The source of a cell is what it is when its turn comes, which is when the kernel has done the one before. What it
    puts out is written by the kernel's recorder, as for a browser; count, state and times are written by the server,
    since no browser does.

    Args:
        kernel_id: of the kernel.
        kernel: what it is told, and hears.
        context: what recorders share.
        control: interrupts, restarts and shuts down kernels: jupyter_server's.
        rests: takes over notebooks of which nothing is left to run.
        log: for what no user can do anything about.
    """

    def __init__(
        self,
        kernel_id: str,
        kernel: Conversation,
        context: RecorderContext,
        control: Any,
        rests: Rests,
        log: logging.Logger,
    ) -> None:
        self.kernel = kernel
        self._kernel_id = kernel_id
        self._context = context
        self._control = control
        self._time_limit = TimeLimit(kernel_id, control, log)
        self._rests = rests
        self._log = log
        self._items: deque[Item] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._ends: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether a cell that is added now runs at once."""
        return not self._items and self.kernel.current is None

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
        self._drop([item for item in self._items if id(item.live) in wanted], "cancelled")
        current = self.kernel.current
        if current is not None and id(current.live) in wanted and not current.live.is_ended:
            current.live.verdict = "cancelled"
            await self.kernel.interrupt()

    def drop_all(self) -> None:
        """Do not run what waits: the kernel is about to be restarted."""
        self._drop(list(self._items), "cancelled")

    async def stop(self) -> None:
        """Run nothing more: the server stops. What runs is ended by its recorder."""
        items, self._items = list(self._items), deque()
        for item in items:
            item.live.close("interrupted", "ServerStopped", "the server was stopped before its turn came")
        self._unschedule(items)
        for task in (self._worker, *self._ends):
            if task is not None:
                task.cancel()
        self.kernel.close()

    async def _work(self) -> None:
        while self._items:
            item = self._items.popleft()
            try:
                is_sent = await self._send(item)
            except Exception as error:
                self._log.exception("a cell could not be run")
                item.live.close("aborted", type(error).__name__, str(error))
                is_sent = False
            if not is_sent:
                self._over(item)
                continue
            end = asyncio.get_running_loop().create_task(self._end(item))
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)
            await item.live.done.wait()
            if item.batch.request.timeout_s is not None or not self.kernel.may_go_on(item.live):
                await end

    async def _end(self, item: Item) -> None:
        """Wait until all that a cell puts out is written down, and do what is to be done then."""
        try:
            await self._time_limit.wait(item.live, item.batch.request)
            self._finish(item)
        except Exception:
            self._log.exception("a cell could not be ended")
        self._over(item)

    def _over(self, item: Item) -> None:
        self.kernel.over(item)
        if item.live.record.started_at is None:
            self._unschedule([item])
        if self._stops(item):
            self._drop([other for other in self._items if other.batch is item.batch], "aborted")
        self._leave(item.batch)

    async def _send(self, item: Item) -> bool:
        """Send a cell to the kernel. False if it has ended without."""
        live, context = item.live, self._context
        if self._kernel_id not in self._control:
            live.close("interrupted", "KernelGone", "the kernel was shut down before its turn came")
            return False
        room = context.rooms.get(item.batch.room_id)
        cell = None if room is None else room.find_cell(item.cell_id)
        if room is None or cell is None:
            live.close("aborted", "CellGone", "the cell was deleted before its turn came")
            return False
        source = str(cell["source"])
        digest = source_digest(source)
        if item.expected is not None and digest != item.expected:
            live.close("aborted", "SourceChanged", "the cell was edited before its turn came")
            return False
        own = None
        if item.appendix:
            own, source = digest.hex, f"{source}\n{item.appendix}"
            digest = source_digest(source)
        live.sent(digest.hex, context.ledger.source(source), own)
        if not source.strip():
            executing.clear(room, item.cell_id, "idle")
            live.close("ok")
            return False
        await self.kernel.connect()
        metadata = cell["metadata"].to_py()
        continues = "raises-exception" in (metadata.get("tags") or ()) or not item.batch.request.stop_on_error
        self.kernel.send(item, room, source, metadata, stop_on_error=not continues)
        return True

    def _finish(self, item: Item) -> None:
        live, room = item.live, self._context.rooms.get(item.batch.room_id)
        self.kernel.widgets.flush()
        if live.record.status == "interrupted":
            self.kernel.widgets.forget()
        if room is None:
            return
        if live.timing:
            executing.set_timing(room, item.cell_id, live.timing)
        if (wanted := next_input(live.reply)) is not None and live.record.status == "ok":
            executing.set_next_input(room, item.cell_id, wanted.text, replace=wanted.replace)
        self._context.wrote(room.room_id)

    def _stops(self, item: Item) -> bool:
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

    def _drop(self, items: list[Item], status: Status) -> None:
        dropped = {id(item) for item in items}
        self._items = deque(item for item in self._items if id(item) not in dropped)
        for item in items:
            item.live.close(status)
            room = self._context.rooms.get(item.batch.room_id)
            if room is not None and status == "aborted":  # as in JupyterLab, which cleared it when it was queued
                executing.clear(room, item.cell_id, "running" if self._is_wanted(item) else "idle")
        if status != "aborted":
            self._unschedule(items)
        for batch in {item.batch: None for item in items}:
            self._leave(batch)

    def _unschedule(self, items: list[Item]) -> None:
        for item in items:
            room = self._context.rooms.get(item.batch.room_id)
            if room is not None and not self._is_wanted(item):
                executing.unschedule(room, [item.cell_id])

    def _is_wanted(self, item: Item) -> bool:
        """Whether the same cell runs, or waits once more: then it is not idle."""
        others = self._items if self.kernel.current is None else [self.kernel.current, *self._items]
        return any(item.cell_id == other.cell_id and item.batch.room_id == other.batch.room_id for other in others)

    def _leave(self, batch: Batch) -> None:
        """Save and let go of a notebook of which nothing is left to run."""
        if batch.is_over and not batch.is_left:
            batch.is_left = True
            self._context.wrote(batch.room_id)
            self._rests.begin(batch.room_id, batch.release)
