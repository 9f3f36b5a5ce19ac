"""Long text on its way out of the document, also of a cell that has ended while a thread of it prints on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .execution import Execution
from .executions import Executions
from .pace import Paces

_LATE_REST_S = 2.0
"""When nothing has come for so long, what a thread prints after the end of its cell is taken to be over."""


class Settling:
    """Moves text of one kernel's executions when it is long, and settles what comes late once it rests.

    Args:
        executions: of the kernel.
        paces: write cells.
        settle_soon: called with an execution when it is time for :meth:`settle`, in turn with its messages.
    """

    def __init__(self, executions: Executions, paces: Paces, settle_soon: Callable[[Execution], None]) -> None:
        self._executions = executions
        self._paces = paces
        self._settle_soon = settle_soon
        self._late: set[Execution] = set()

    async def relieve(self, execution: Execution) -> None:
        """Move what is too long for the document, or for memory."""
        await execution.relieve()
        self._paces.write(execution)
        if not self._executions.is_running(execution):
            self._later(execution)

    async def settle(self, execution: Execution) -> None:
        """Let references stand for what came late, unless more of it came meanwhile."""
        self._late.discard(execution)
        if execution.is_quiet():
            await execution.settle()
            self._paces.write_now(execution)
        else:
            self._later(execution)

    async def settle_all(self) -> None:
        """Wait for nothing any longer."""
        for execution in self._late:
            await execution.settle()

    def _later(self, execution: Execution) -> None:
        """A thread prints on after its cell has ended, and nothing will say when it has finished."""
        if execution not in self._late:
            self._late.add(execution)
            asyncio.get_running_loop().call_later(_LATE_REST_S, self._settle_soon, execution)
