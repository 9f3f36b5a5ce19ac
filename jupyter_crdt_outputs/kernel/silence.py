"""Kernels that never answer: requests dropped after an error, of which some kernels publish nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .executions import Executions
from .messages import Message, is_idle

_SILENCE_S = 10.0


class Silence:
    """Notices executions that will never be: waiting for their turn at a kernel that is idle and says nothing.

    One that has begun is waited for as long as it takes, and so is everything behind it.

    Args:
        executions: of one kernel.
        is_final: called when nothing will come of those that run.
    """

    def __init__(self, executions: Executions, is_final: Callable[[], None]) -> None:
        self._executions = executions
        self._is_final = is_final
        self._is_idle = True
        self._heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def heard(self, message: Message) -> None:
        """The kernel published something."""
        self._heard_at = asyncio.get_running_loop().time()
        if message.type == "status":
            self._is_idle = is_idle(message)

    def silent_s(self) -> float:
        """Seconds since the kernel published something."""
        return asyncio.get_running_loop().time() - self._heard_at

    def watch(self) -> None:
        """An execution was added, or one ended and left others waiting."""
        if self._timer is None and self._executions.any_running:
            self._timer = asyncio.get_running_loop().call_later(_SILENCE_S, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if any(execution.has_begun for execution in self._executions.running):
            return  # their end leads here again
        if self._is_idle and self.silent_s() >= _SILENCE_S and self._executions.any_running:
            self._is_final()
        else:
            self.watch()
