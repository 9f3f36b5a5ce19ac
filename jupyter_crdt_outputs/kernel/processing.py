"""The order in which a recorder does what it was given: at once while it can, else in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from .backlog import Backlog, Item, Step
from .context import RecorderContext
from .execution import Execution
from .executions import Executions
from .messages import Message, is_idle
from .pace import Paces
from .recording import Recording
from .settling import Settling

_ECHO_S = 1.0
"""How long the browser's own output of an answer is waited for; it is on its way when the answer passes."""


class Processing:
    """Takes messages and steps of one kernel's executions, and does them in the order in which they came.

    Small messages are recorded as they come; a large one is handled in a thread, and what comes after it waits.

    Args:
        context: what recorders share.
        executions: of the kernel.
        paces: write cells.
        recording: does what a message says.
        end: ends an execution, of which the kernel said so (None) or which ended otherwise (the step).
        end_now: ends one of which the kernel said so, without waiting for anything; False if that is not possible.
    """

    def __init__(
        self,
        context: RecorderContext,
        executions: Executions,
        paces: Paces,
        recording: Recording,
        end: Callable[[Execution, Step | None], Awaitable[None]],
        end_now: Callable[[Execution], bool],
    ) -> None:
        self._recording = recording
        self._end = end
        self._end_now = end_now
        self._log = context.log
        self._backlog = Backlog(self._process_together, context.waiting, context.log)
        self._settling = Settling(executions, paces, lambda late: self.add(late, Step.SETTLE))

    @property
    def has_waiting(self) -> bool:
        """Whether something waits for its turn."""
        return not self._backlog.is_empty

    @property
    def is_behind(self) -> bool:
        """Whether an output waits for its turn, or is being stored."""
        return self._backlog.has_outputs

    def add(self, execution: Execution | None, item: Message | Step) -> None:
        """Do this after all that was added before.

        Args:
            execution: what it is for, or None for a message that only matters as an update of displays.
            item: an ``execute_input``, a ``status`` or an output; or a step.
        """
        if self._backlog.is_idle and isinstance(item, Message):
            try:
                if self._process_now(execution, item):
                    return
            except Exception:
                self._log.exception("an output could not be recorded")
                return
        self._backlog.append((execution, item))

    async def finish(self) -> None:
        """Wait until all is done, and let references stand for what rests."""
        await self._backlog.done()
        await self._settling.settle_all()

    async def _process_together(self, items: list[Item]) -> None:
        if len(items) > 1:
            await self._recording.record_displays([(each, item) for each, item in items if isinstance(item, Message)])
        else:
            await self._process(*items[0])

    def _process_now(self, execution: Execution | None, message: Message) -> bool:
        if message.type == "status":
            return execution is None or not is_idle(message) or self._end_now(execution)
        if not self._recording.record_now(execution, message):
            return False
        self._relieve_if_long(execution, message)
        return True

    async def _process(self, execution: Execution | None, item: Message | Step) -> None:
        if isinstance(item, Step):
            if execution is not None:
                await self._take(execution, item)
            return
        if self._process_now(execution, item):
            return
        if item.type != "status":
            await self._recording.record(execution, item)
            self._relieve_if_long(execution, item)
        elif execution is not None:
            await self._end(execution, None)

    async def _take(self, execution: Execution, step: Step) -> None:
        if step is Step.RELIEVE:
            await self._settling.relieve(execution)
        elif step is Step.SETTLE:
            await self._settling.settle(execution)
        elif step is Step.ECHO:
            with suppress(TimeoutError):
                await asyncio.wait_for(execution.cell.others_wrote.wait(), _ECHO_S)
        else:
            await self._end(execution, step)

    def _relieve_if_long(self, execution: Execution | None, message: Message) -> None:
        if execution is not None and message.type == "stream" and execution.must_relieve():
            self._backlog.push((execution, Step.RELIEVE))
