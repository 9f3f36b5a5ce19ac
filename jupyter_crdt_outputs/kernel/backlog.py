"""What a recorder has still to do, in order, when it cannot all be done at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto

from .execution import Execution
from .messages import Message
from .waiting import Waiting


class Step(Enum):
    """What is done for an execution between its messages."""

    RELIEVE = auto()
    SETTLE = auto()
    ECHO = auto()
    END_WAS_LOST = auto()
    KERNEL_GONE = auto()


Item = tuple[Execution | None, Message | Step]
"""A message or a step, and the execution it is for."""

_SHOWN = frozenset({"display_data", "execute_result", "error"})
_COMMIT_S = 0.1
_COMMIT_BYTES = 1 << 23


class Backlog:
    """Works items off one after another; outputs that stand side by side go together, to be stored with one commit.

    A cell that shows thousands of outputs would cost thousands of commits. So they wait for each other for a moment,
    unless there has been no commit lately or something comes after them.

    Args:
        process: does one item, or several that are all outputs.
        waiting: keeps messages meanwhile.
        log: for what goes wrong in it, which must not hold up what comes after.
    """

    def __init__(self, process: Callable[[list[Item]], Awaitable[None]], waiting: Waiting, log: logging.Logger) -> None:
        self._process = process
        self._waiting = waiting
        self._log = log
        self._items: deque[Item] = deque()
        self._taken: list[Item] = []
        self._worker: asyncio.Task[None] | None = None
        self._no_output_came = asyncio.Event()
        self._next_commit_at = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is being done."""
        return self._worker is None or self._worker.done()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._items

    @property
    def has_outputs(self) -> bool:
        """Whether an output waits or is being stored."""
        return any(isinstance(item, Message) and item.type != "status" for _, item in (*self._taken, *self._items))

    def append(self, item: Item) -> None:
        """Do this after all else."""
        execution, message = item
        self._items.append((execution, self._waiting.add(message)) if isinstance(message, Message) else item)
        if not _is_output(item):
            self._no_output_came.set()
        self._work_off()

    def push(self, item: Item) -> None:
        """Do this next."""
        self._items.appendleft(item)
        self._work_off()

    async def done(self) -> None:
        """Wait until nothing is left."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    def _work_off(self) -> None:
        if self.is_idle:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._items:
            self._taken = taken = await self._take()
            try:
                await self._process(taken)
            except Exception:
                self._log.exception("an output could not be recorded")
            for _, message in taken:
                if isinstance(message, Message):
                    self._waiting.remove(message)
            self._taken = []

    async def _take(self) -> list[Item]:
        loop = asyncio.get_running_loop()
        while len(outputs := self._outputs_ahead()) == len(self._items) and self._next_commit_at > loop.time():
            self._no_output_came.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._no_output_came.wait(), self._next_commit_at - loop.time())
        if outputs:
            self._next_commit_at = loop.time() + _COMMIT_S
        return [self._items.popleft() for _ in range(max(1, len(outputs)))]

    def _outputs_ahead(self) -> list[Item]:
        """The items at the head that are outputs which need nothing but to be stored and shown."""
        ahead: list[Item] = []
        size = 0
        for item in self._items:
            if not _is_output(item) or size > _COMMIT_BYTES:
                break
            ahead.append(item)
            size += len(item[1].frame) if isinstance(item[1], Message) else 0
        return ahead


def _is_output(item: Item) -> bool:
    execution, message = item
    return execution is not None and isinstance(message, Message) and message.type in _SHOWN
