"""Telling an agent how far its cells are, while it waits."""

from __future__ import annotations

import time
from typing import Any

from mcp.server.mcpserver import Context

from ..client import Ended, Event, Text

_AGAIN_S = 0.25
_MOST_CHARACTERS = 200


class Progress:
    """Sends progress notifications, not too often; only to a client that asked for them.

    Args:
        context: of the request.
        total: how many cells are to run.
    """

    def __init__(self, context: Context[Any, Any], total: int) -> None:
        self._context = context
        self._total = total
        self._done = 0
        self._steps = 0
        self._told_at = 0.0
        self._line = ""

    async def tell(self, event: Event) -> None:
        """Something happened."""
        if isinstance(event, Text):
            lines = [line for line in event.text.splitlines() if line.strip()]
            self._line = lines[-1][-_MOST_CHARACTERS:] if lines else self._line
        if isinstance(event, Ended):
            self._done, self._steps, self._line = self._done + 1, 0, event.execution.record.status
        elif time.monotonic() - self._told_at < _AGAIN_S:
            return
        else:
            self._steps += 1
        self._told_at = time.monotonic()
        # It has to grow each time; what is done of a cell nobody knows.
        part = self._steps / (self._steps + 1)
        await self._context.report_progress(self._done + part, self._total, self._line or None)
