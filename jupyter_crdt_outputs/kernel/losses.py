"""Messages that a kernel dropped: told from the numbers in their ids, and from ends that never come."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from .execution import Execution
from .executions import Executions
from .messages import Message

_NUMBERED = re.compile(r"(.+_[0-9]+)_([0-9]{1,15})", re.ASCII)

_UNHEARD = 50
"""So many numbers may be missing for other reasons, such as answers on channels that nobody here listens to."""

_OVERDUE_S = 5.0
"""A kernel says that it is idle right after its reply. When that has not come, it is asked for a sign of life."""

_SILENCE_S = 60.0
"""A kernel that has published nothing for so long, and gives no sign of life, says nothing to us any more."""


@dataclass
class _Span:
    """The numbers from an execution's first message to its last one so far, and how many of them came."""

    numbering: str
    first: int
    heard_before: int
    last: int
    heard: int = 1


class Losses:
    """Counts what came of each execution.

    A kernel's publishing socket drops what it cannot hold, a thousand messages in ipykernel, and says nothing. But
    ids made by ``Session`` of jupyter_client are numbered. Kernels whose ids are not are never said to have lost any.

    Args:
        executions: of one kernel.
        silent_s: gives the seconds since the kernel published something.
        ask: asks the kernel for something that it publishes an answer to; returns the ids of the requests.
        is_over: called with an execution that the kernel has replied to and whose end was lost.
    """

    def __init__(
        self,
        executions: Executions,
        silent_s: Callable[[], float],
        ask: Callable[[], list[str]],
        is_over: Callable[[Execution], None],
    ) -> None:
        self._executions = executions
        self._silent_s = silent_s
        self._ask = ask
        self._is_over = is_over
        self._heard: Counter[str] = Counter()
        self._asked: dict[str, Execution] = {}
        self._spans: WeakKeyDictionary[Execution, _Span] = WeakKeyDictionary()

    def published(self, message: Message) -> None:
        """The kernel published this, in its order."""
        self._count(message)
        overdue = self._asked.pop(message.parent_id, None)
        if overdue is not None and self._executions.is_running(overdue):
            self._is_over(overdue)  # what it published before this is here by now, or nowhere

    def answered(self, message: Message) -> None:
        """The kernel sent this to one of its clients."""
        self._count(message)
        execution = self._executions.get(message.parent_id)
        if execution is not None and message.type == "execute_reply" and self._executions.is_running(execution):
            asyncio.get_running_loop().call_later(_OVERDUE_S, self._look, execution)

    def lost(self, execution: Execution) -> int:
        """About how many messages were lost between an execution's first and its last; 0 if that cannot be told."""
        span = self._spans.get(execution)
        missing = span.last - span.first + 1 - span.heard if span is not None else 0
        return missing if missing > _UNHEARD else 0

    def _count(self, message: Message) -> None:
        match = _NUMBERED.fullmatch(message.msg_id)
        if match is None:
            return
        numbering, number = match[1], int(match[2])
        self._heard[numbering] += 1
        execution = self._executions.get(message.parent_id)
        if execution is None or not self._executions.is_running(execution):
            return
        span = self._spans.get(execution)
        if span is None:
            self._spans[execution] = _Span(numbering, number, self._heard[numbering] - 1, number)
        elif span.numbering == numbering and number > span.last:
            span.last, span.heard = number, self._heard[numbering] - span.heard_before

    def _look(self, execution: Execution) -> None:
        if not self._executions.is_running(execution):
            return
        if self._silent_s() > _SILENCE_S:
            self._is_over(execution)
            return
        self._asked |= dict.fromkeys(self._ask(), execution)
        asyncio.get_running_loop().call_later(_OVERDUE_S, self._look, execution)


def mark(lost: int) -> str:
    """What a cell says that has lost outputs; of a number that nobody knows if *lost* is 0."""
    how_many = f"About {lost:,} messages" if lost else "The last messages"
    return (
        f"\n[{how_many} of this cell are missing: the kernel published them faster than this machine could take them, "
        "and dropped them.]\n"
    )
