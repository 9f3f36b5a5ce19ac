"""The kernels that cells are run on: which one a notebook has, and its queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from jupyter_core.utils import ensure_async

from ...document import executing
from ...document.rooms import Room
from ...errors import NotNow
from ...model.executions import RunRequest
from ..context import RecorderContext
from ..kernels import Kernels
from ..records import LiveRecord
from .conversation import Conversation
from .queue import KernelQueue
from .rests import Rests
from .sessions import Sessions


class KernelQueues:
    """One queue for each kernel, which ends with it.

    Args:
        kernels: the recorders.
        context: what recorders share.
        sessions: which notebook has which kernel.
        control: jupyter_server's kernel manager.
        rests: takes over notebooks of which nothing is left to run.
        log: for what no user can do anything about.
    """

    def __init__(
        self,
        kernels: Kernels,
        context: RecorderContext,
        sessions: Sessions,
        control: Any,
        rests: Rests,
        log: logging.Logger,
    ) -> None:
        self._kernels = kernels
        self._context = context
        self._sessions = sessions
        self._control = control
        self._rests = rests
        self._log = log
        self._queues: dict[str, KernelQueue] = {}

    def get(self, kernel_id: str) -> KernelQueue | None:
        """The queue of a kernel, if cells were run on it."""
        return self._queues.get(kernel_id)

    async def ready(self, room: Room, request: RunRequest) -> tuple[str, KernelQueue] | None:
        """The kernel that a notebook has, and its queue, if there is nothing to start, connect to or wait for first."""
        kernel_id = (
            None if request.restart or request.env else await self._sessions.kernel_of(self._path(room, request))
        )
        queue = None if kernel_id is None else self._queues.get(kernel_id)
        if kernel_id is None or queue is None or not queue.kernel.is_connected:
            return None
        return (kernel_id, queue) if queue.kernel.is_with(self._sessions.manager_of(kernel_id)) else None

    async def of(self, room: Room, kernel_id: str) -> KernelQueue:
        """The queue of a kernel, which can be sent to; the notebook says which kernel that is.

        Raises:
            NotFound: there is no such kernel.
            KernelUnavailable: it gives no sign of life.
        """
        manager = self._sessions.manager_of(kernel_id)
        queue = self._queues.get(kernel_id)
        if queue is None or not queue.kernel.is_with(manager):
            kernel = Conversation(kernel_id, manager, self._kernels, self._context, self._control, self._log)
            queue = self._queues[kernel_id] = KernelQueue(
                kernel_id, kernel, self._context, self._control, self._rests, self._log
            )
        info = await queue.kernel.connect()
        if info.get("language_info"):
            spec = self._sessions.spec_of(kernel_id)
            described = {"name": spec.name, "display_name": spec.display_name, "language": spec.language}
            executing.describe_kernel(room, described, info["language_info"])
        for gone in [other for other in self._queues if other not in self._control]:
            await self._queues.pop(gone).stop()
        return queue

    async def kernel_of(self, room: Room, request: RunRequest) -> str:
        """The id of the kernel that a notebook runs on; one is started where there is none.

        Raises:
            NotFound: there is no such kernelspec.
            KernelUnavailable: the kernel does not start.
            NotNow: an environment is given, and the kernel has one already.
        """
        path = self._path(room, request)
        kernel_id = await self._sessions.kernel_of(path) or await self._followed(room, path)
        if kernel_id is not None:
            if request.env:
                raise NotNow("this notebook has a kernel already, whose environment is set; shut it down first")
            return kernel_id
        described: Any = room.metadata.get("kernelspec")
        known = described.get("name") if hasattr(described, "get") else None
        name = request.kernel or (str(known) if known else None)
        return await self._sessions.start(path, name, request.env)

    async def restart(self, queue: KernelQueue, kernel_id: str) -> None:
        """Restart a kernel; what waits for it is cancelled."""
        queue.drop_all()
        await ensure_async(self._control.restart_kernel(kernel_id))
        await queue.kernel.connect()

    async def cancel(self, lives: Iterable[LiveRecord]) -> None:
        """Do not run these any more; of those that run, the kernels are interrupted."""
        by_kernel: dict[str, list[LiveRecord]] = {}
        for live in lives:
            by_kernel.setdefault(live.record.kernel, []).append(live)
        for kernel_id, some in by_kernel.items():
            if kernel_id in self._queues:
                await self._queues[kernel_id].cancel(some)

    async def stop(self) -> None:
        """Run nothing more: the server stops."""
        await asyncio.gather(*(queue.stop() for queue in self._queues.values()))

    def _path(self, room: Room, request: RunRequest) -> str:
        return request.path or self._context.rooms.path_of(room.room_id) or room.path  # which is told late of a rename

    async def _followed(self, room: Room, path: str) -> str | None:
        """The kernel that a notebook had before it was renamed, when no browser was there to tell its session."""
        recent = reversed(self._context.ledger.recent)
        former = next((live.record.kernel for live in recent if live.record.file_id == room.file_id), None)
        if former is not None and await self._sessions.follow(former, path, self._context.rooms.file_id_of):
            return former
        return None
