"""Runs cells of notebooks for whoever may ask: what the HTTP interface stands on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from jupyter_core.utils import ensure_async

from ...document import executing
from ...document.rooms import Room
from ...errors import NotNow
from ...model.executions import ExecutionRecord, RunRequest
from ...model.people import is_made_up
from ..context import RecorderContext
from ..freshness import Freshness
from ..kernels import Kernels
from ..records import LiveRecord, new_id, now
from .batch import Batch
from .kernel_queues import KernelQueues
from .queue import KernelQueue
from .rests import Rests
from .selection import Stale, appendices, select
from .sessions import Sessions


class Runner:
    """Queues cells, and finds the executions that go on.

    Args:
        kernels: the recorders.
        context: what recorders share.
        sessions: which notebook has which kernel.
        control: jupyter_server's kernel manager.
        seen: called with the document of a notebook that was opened, as when a browser opens it.
        freshness: tells which cells are stale.
        log: for what no user can do anything about.
    """

    def __init__(
        self,
        kernels: Kernels,
        context: RecorderContext,
        sessions: Sessions,
        control: Any,
        seen: Callable[[Any], None],
        freshness: Freshness,
        log: logging.Logger,
    ) -> None:
        self._kernels = kernels
        self._context = context
        self._sessions = sessions
        self._control = control
        self._seen = seen
        self._freshness = freshness
        self._rests = Rests(context.leave)
        self._queues = KernelQueues(kernels, context, sessions, control, self._rests, log)

    async def run(self, request: RunRequest, user: str) -> list[LiveRecord]:
        """Queue what is asked for, all of it or nothing, and return its executions in order.

        Opens the notebook if nobody has it open, and starts its kernel if it has none and there is something to run.

        Args:
            request: what to run.
            user: who asks.

        Raises:
            NotFound: no such notebook, cell or kernel.
            NotANotebook: the file is none.
            InvalidRequest: a cell that was named holds no code.
            SourceChanged: a cell is not as the caller saw it.
            QueueFull: too many cells wait.
            KernelUnavailable: the kernel does not start.
        """
        room_id = request.room or await self._context.rooms.id_of(request.path or "")
        room, release = await self.open(room_id)
        try:
            self._rests.end(room_id)
            room.send_promptly()
            stale = await self._stale(room, request)
            ready = await self._queues.ready(room, request)
            if ready is None:
                chosen = select(room, request.cells, stale.left())
                if not chosen:  # before a kernel is started for nothing
                    self._rests.begin(room_id, release)
                    return []
                appendices(room, chosen, request.append)
                kernel_id = await self._queues.kernel_of(room, request)
                ready = kernel_id, await self._queues.of(room, kernel_id)
                if request.restart:
                    await self._queues.restart(ready[1], kernel_id)
            return self._add(room, *ready, request, stale, user, release)
        except BaseException:
            self._rests.begin(room_id, release)
            raise

    async def open(self, room_id: str) -> tuple[Room, Callable[[], None]]:
        """A notebook, as if a browser had opened it; returns also how to let it go. Raises as :meth:`Rooms.open`."""
        room, release = await self._context.rooms.open(room_id)
        self._seen(room.document)
        return room, release

    def leave(self, room_id: str, release: Callable[[], None]) -> None:
        """Let go of a notebook that was opened, a moment later, and save it first if nobody else has it open."""
        self._rests.begin(room_id, release)

    async def cancel(self, lives: Iterable[LiveRecord]) -> None:
        """Do not run these any more; of those that run, the kernels are interrupted."""
        await self._queues.cancel(lives)

    async def interrupt(self, live: LiveRecord) -> None:
        """Interrupt the kernel while it runs this. Raises :class:`NotNow` when it does not."""
        if live.is_ended or live.record.started_at is None:
            raise NotNow("this execution is not running")
        await ensure_async(self._control.interrupt_kernel(live.record.kernel))

    def answer(self, live: LiveRecord, value: str) -> None:
        """Answer what an execution asks for. Raises :class:`NotNow` when it asks for nothing."""
        queue = self._queues.get(live.record.kernel)
        if queue is None:
            raise NotNow("this execution asks for no input")
        queue.kernel.answer(live, value)

    async def stop(self) -> None:
        """Run nothing more: the server stops."""
        await self._queues.stop()
        self._rests.stop()

    def _add(
        self,
        room: Room,
        kernel_id: str,
        queue: KernelQueue,
        request: RunRequest,
        stale: Stale,
        user: str,
        release: Callable[[], None],
    ) -> list[LiveRecord]:
        """Check again and queue, with nobody able to edit in between."""
        chosen = select(room, request.cells, stale.left())
        if not chosen:
            self._rests.begin(room.room_id, release)
            return []
        appended = appendices(room, chosen, request.append)
        queue.check(len(chosen))
        times = request.record_timing
        records_timing = room.metadata.get("record_timing") is True if times is None else times
        asked = new_id()
        spec = self._sessions.spec_of(kernel_id)
        batch = Batch(request, room.room_id, release, records_timing)
        for cell_id, expected in chosen.items():
            record = ExecutionRecord(
                id=new_id(),
                run=asked,
                parent=request.parent,
                cell=cell_id,
                path=room.path,
                file_id=room.file_id,
                kernel=kernel_id,
                kernel_name=spec.name,
                language=spec.language,
                user=user,
                claimed_name=request.claimed_name if is_made_up(user) else None,
                via="endpoint",
                queued_at=now(),
            )
            batch.add(self._context.ledger.add(record), expected, appended.get(cell_id, ""))
        executing.schedule(room, list(chosen)[1:] if queue.is_idle else chosen)  # the first says so when it begins
        queue.add(batch)
        return [item.live for item in batch.items]

    async def _stale(self, room: Room, request: RunRequest) -> Stale:
        if all(selector.kind != "stale" for selector in request.cells):
            return Stale(self._context.ledger, room.file_id, ())
        asked = new_id()
        kernel_id = None if request.restart else await self._sessions.kernel_of(room.path)
        if kernel_id is not None:
            self._kernels.is_live(kernel_id)  # notices whether it was restarted
        return Stale(self._context.ledger, room.file_id, await self._freshness.to_run(room, kernel_id or ""), asked)
