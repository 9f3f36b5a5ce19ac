"""The queue of one kernel: cells that are run one after another."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Any

from ...document import executing
from ...errors import QueueFull
from ...model.executions import Status
from ..context import RecorderContext
from ..records import LiveRecord
from .batch import Batch, Item
from .conversation import Conversation
from .rests import Rests
from .time_limit import TimeLimit
from .turns import Beginning, Turns

_LONGEST = 10_000


class KernelQueue:
    """Runs cells on one kernel as a JupyterLab page would that sent them one after another.

    A cell's turn comes when the kernel has done the one before: until then it can be cancelled, or edited. What it puts
    out is written by the kernel's recorder, as for a browser.

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
        self._context = context
        self._turns = Turns(kernel_id, kernel, context, control)
        self._time_limit = TimeLimit(kernel_id, control, log)
        self._rests = rests
        self._log = log
        self._items: deque[Item] = deque()
        self._turn: Item | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether a cell that is added now runs at once."""
        return not self._items and self._turn is None

    def check(self, count: int) -> None:
        """Raise :class:`QueueFull` unless there is room for so many cells."""
        if len(self._items) + count > _LONGEST:
            raise QueueFull(f"{len(self._items)} cells wait for this kernel already, and {_LONGEST} may")

    def add(self, batch: Batch) -> None:
        """Queue a batch behind what there is."""
        self._items.extend(batch.items)
        self._go_on()

    async def cancel(self, lives: Iterable[LiveRecord]) -> None:
        """Do not run these any more; the one that runs is interrupted."""
        wanted = {id(live) for live in lives}
        self._drop([item for item in self._waiting if id(item.live) in wanted], "cancelled")
        current = self.kernel.current
        if current is not None and id(current.live) in wanted and not current.live.is_ended:
            current.live.verdict = "cancelled"
            await self.kernel.interrupt()

    def drop_all(self) -> None:
        """Do not run what waits: the kernel is about to be restarted."""
        self._drop(self._waiting, "cancelled")

    async def stop(self) -> None:
        """Run nothing more: the server stops. What runs is ended by its recorder."""
        items, self._items = list(self._items), deque()
        for item in items:
            item.live.close("interrupted", "ServerStopped", "the server was stopped before its turn came")
        self._unschedule(items)
        for task in self._tasks:
            task.cancel()
        self.kernel.close()

    @property
    def _waiting(self) -> list[Item]:
        """What was not sent; that may be a cell that has its turn, when the kernel has yet to be reached."""
        is_sent = self._turn is None or self._turn is self.kernel.current
        return [*self._items] if is_sent or self._turn is None else [self._turn, *self._items]

    def _go_on(self) -> None:
        """Let the next cell have its turn, unless another has it."""
        while self._items and self._turn is None:
            self._begin(self._items.popleft())

    def _begin(self, item: Item) -> None:
        self._turn = item
        item.live.when_done = partial(self._done, item)
        try:
            beginning = self._turns.begin(item)
        except Exception as error:
            self._failed(item, error)
            beginning = Beginning.ENDED
        if beginning is Beginning.ENDED:
            self._over(item)
        else:
            task = asyncio.get_running_loop().create_task(
                self._end(item) if beginning is Beginning.SENT else self._connect(item)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, item: Item) -> None:
        """Reach the kernel, and then give the cell its turn anew: it may have been edited, or cancelled."""
        try:
            await self.kernel.connect()
        except Exception as error:
            self._failed(item, error)
        if item.live.is_ended:
            self._over(item)
        else:
            self._begin(item)
        self._go_on()

    def _done(self, item: Item) -> None:
        """The kernel has done a cell. What that put out is yet to be written down, while the kernel does the next."""
        if self._turn is item and item.batch.request.timeout_s is None and self.kernel.may_go_on(item.live):
            self._turn = None
            self._go_on()

    async def _end(self, item: Item) -> None:
        """Wait until all that a cell puts out is written down, and do what is to be done then."""
        try:
            await self._time_limit.wait(item.live, item.batch.request)
            self._turns.end(item)
        except Exception:
            self._log.exception("a cell could not be ended")
        self._over(item)
        self._go_on()

    def _over(self, item: Item) -> None:
        self.kernel.over(item)
        if self._turn is item:
            self._turn = None
        if item.live.record.started_at is None:
            self._unschedule([item])
        if self._turns.stops_batch(item):
            self._drop([other for other in self._items if other.batch is item.batch], "aborted")
        self._leave(item.batch)

    def _failed(self, item: Item, error: Exception) -> None:
        self._log.error("a cell could not be run", exc_info=error)
        item.live.close("aborted", type(error).__name__, str(error))

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
        """Whether the same cell runs, or waits once more: then it is not idle.

        What has ended may still be here, since its end is noticed in a step of its own; nobody would set it idle again.
        """
        known = (self.kernel.current, self._turn, *self._items)
        others = [other for other in known if other is not None and not other.live.is_ended]
        return any(item.cell_id == other.cell_id and item.batch.room_id == other.batch.room_id for other in others)

    def _leave(self, batch: Batch) -> None:
        """Save and let go of a notebook of which nothing is left to run."""
        if batch.is_over and not batch.is_left:
            batch.is_left = True
            self._context.wrote(batch.room_id)
            self._rests.begin(batch.room_id, batch.release)
