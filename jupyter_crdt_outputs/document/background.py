"""Work that nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any


class Background:
    """Does things, and says so in the log when they fail.

    Args:
        log: for administrators.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._tasks: set[asyncio.Task[Any]] = set()  # the event loop holds tasks weakly

    def start(self, work: Coroutine[Any, Any, Any], complaint: str) -> asyncio.Task[Any]:
        """Do *work*; when it fails, *complaint* is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def done(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and task.exception() is not None:
                self._log.warning(complaint, exc_info=task.exception())

        task.add_done_callback(done)
        return task

    async def finished(self) -> None:
        """Wait until what was started here so far has ended, however it does."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
