"""The end of an execution: who writes count and state, and when the notebook may close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .clients import Clients
from .execution import Execution
from .executions import Executions

_BROWSER_S = 3.0
"""How long a connected browser has to mark a cell whose kernel went: only some of them are told of it. And how long
what a browser wrote before it left may be on its way into the document, which has a websocket of its own."""

_SLOW_BROWSER_S = 60.0
"""How long one that is busy may take to write the count of its run."""


class Endings:
    """Every execution ends idle, and lets go of its notebook, whatever became of browser and kernel.

    While its browser is connected, that writes count and state, as in stock JupyterLab. Of two browsers that have run
    one cell at once, the count of either may be the one that stays; then the last run's is put there.

    Args:
        executions: of one kernel.
        clients: whose executions these are.
        hold: keeps the room of this id open; returns how to let it go.
        wrote: called with the room's id after a write.
        leave: called at the end of an execution with the room's id and how to let go of the room.
    """

    def __init__(
        self,
        executions: Executions,
        clients: Clients,
        hold: Callable[[str], Callable[[], None]],
        wrote: Callable[[str], None],
        leave: Callable[[str, Callable[[], None]], None],
    ) -> None:
        self._executions = executions
        self._clients = clients
        self._hold = hold
        self._wrote = wrote
        self._leave = leave
        self._waiting: dict[Execution, asyncio.TimerHandle] = {}

    def end(self, execution: Execution, *, kernel_is_gone: bool = False) -> None:
        """An execution is over and all its outputs are written."""
        self._executions.end(execution)
        if kernel_is_gone:
            execution.execution_count = None  # as in JupyterLab: it never came to its end
        if not self._clients.is_connected(execution.client):
            self._finish(execution, is_final=execution.release is None)
        elif kernel_is_gone:
            self._wait(execution)
        else:
            self._let_go(execution)
            asyncio.get_running_loop().call_later(_BROWSER_S, self._look_after, execution)

    def client_left(self, client: str) -> None:
        """A browser may have gone between the end of an execution and what it writes then.

        That a cell runs, which it wrote before, may come last of all.
        """
        rooms = self._finish_for(client)
        if rooms:
            held = [(room_id, self._hold(room_id)) for room_id in rooms]
            asyncio.get_running_loop().call_later(_BROWSER_S, self._finish_late, client, held)

    def kernel_went(self) -> None:
        """Another process has taken over: a browser waits in vain for replies that the former one owed."""
        asyncio.get_running_loop().call_later(_BROWSER_S, self._finish_unanswered)

    def finish_all(self) -> None:
        """Wait for no browser any longer."""
        for execution in list(self._waiting):
            self._finish(execution)

    def _look_after(self, execution: Execution) -> None:
        """Each client has a subscription of its own to what the kernel publishes, and may have lost the end of it."""
        if not execution.is_known_to_client:
            self._clients.tell_idle(execution.client, execution.msg_id)
        if execution.overtaken:
            self._correct_count(execution, _BROWSER_S)

    def _correct_count(self, execution: Execution, after_s: float) -> None:
        """Put the count of the last run where another browser has written that of its own, now and for a while."""
        if execution.cell.is_detached:
            return
        overtaken = {each.execution_count for each in execution.overtaken}
        if execution.cell.correct_count(execution.execution_count, overtaken):
            self._save(execution)
        if after_s < _SLOW_BROWSER_S:
            asyncio.get_running_loop().call_later(2 * after_s, self._correct_count, execution, 3 * after_s)

    def _finish_unanswered(self) -> None:
        for execution in self._executions.ended:
            self._finish_again(execution, None)

    def _finish_for(self, client: str) -> set[str]:
        """Finish what a browser left unfinished; returns the rooms in which it ran anything."""
        ended = [execution for execution in self._executions.ended if execution.client == client]
        for execution in ended:
            self._finish_again(execution, execution.execution_count)
        return {execution.cell.room_id for execution in ended}

    def _finish_late(self, client: str, held: list[tuple[str, Callable[[], None]]]) -> None:
        try:
            if not self._clients.is_connected(client):
                self._finish_for(client)
        finally:
            for room_id, release in held:
                self._leave(room_id, release)

    def _finish_again(self, execution: Execution, execution_count: int | None) -> None:
        """Finish an execution whose room was let go."""
        if execution.cell.finish(execution_count):
            self._save(execution)

    def _save(self, execution: Execution) -> None:
        room_id = execution.cell.room_id
        self._wrote(room_id)
        self._leave(room_id, self._hold(room_id))

    def _wait(self, execution: Execution) -> None:
        self._waiting[execution] = asyncio.get_running_loop().call_later(_BROWSER_S, self._finish, execution)

    def _finish(self, execution: Execution, *, is_final: bool = True) -> None:
        """Finish it, and let go of its notebook; if it is not to be finished, and this is not final, a while later."""
        waiting = self._waiting.pop(execution, None)
        if waiting is not None:
            waiting.cancel()
        try:
            if execution.cell.finish(execution.execution_count):
                is_final = True
                self._wrote(execution.cell.room_id)
        finally:
            if is_final:
                self._let_go(execution)
            else:
                self._wait(execution)

    def _let_go(self, execution: Execution) -> None:
        if execution.release is not None:
            self._leave(execution.cell.room_id, execution.release)
