"""How long a cell may run."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from jupyter_core.utils import ensure_async

from ...model.executions import RunRequest
from ..records import LiveRecord

_GRACE_S = 5.0
"""How long an interrupted cell may take to end before its kernel is restarted or shut down, if that is wanted."""


class TimeLimit:
    """Waits for an execution to end, and sees to it that it does when its time is up.

    The time counts from when the kernel takes it up: what a browser runs before it costs it nothing.

    Args:
        kernel_id: of its kernel.
        control: interrupts, restarts and shuts down kernels: jupyter_server's.
        log: for what fails.
    """

    def __init__(self, kernel_id: str, control: Any, log: logging.Logger) -> None:
        self._kernel_id = kernel_id
        self._control = control
        self._log = log

    async def wait(self, live: LiveRecord, request: RunRequest) -> None:
        """Return when the execution has ended."""
        if request.timeout_s is None:
            await live.ended.wait()
            return
        begun = asyncio.ensure_future(live.begun.wait())
        ended = asyncio.ensure_future(live.ended.wait())
        try:
            await asyncio.wait({begun, ended}, return_when=asyncio.FIRST_COMPLETED)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(ended), request.timeout_s)
                return
            live.verdict = "timeout"
            live.message = f"it ran for longer than {request.timeout_s:g} s"
            await self._do("interrupt_kernel")
            if request.on_timeout != "interrupt":
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(ended), _GRACE_S)
                    return
                await self._do("restart_kernel" if request.on_timeout == "restart" else "shutdown_kernel")
            await ended
        finally:
            begun.cancel()
            ended.cancel()

    async def _do(self, what: str) -> None:
        try:
            await ensure_async(getattr(self._control, what)(self._kernel_id))
        except Exception:
            self._log.exception("%s failed after a cell's time was up", what)
