"""How often a cell is written: at once while that is cheap for everybody, then in bursts."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable

from .execution import Execution

_BURST = 4
_OPENING_S = 0.05
_RETRY_S = 0.02


class Paces:
    """Lets a few writes of a cell through at once and the rest at an interval.

    Two thousand flushed prints, each a transaction, would cost seconds of server time and a row of history each; a
    single result must not wait at all.

    Args:
        interval_s: seconds between writes of a cell once its burst is used up.
        sync: writes a cell; False when the document cannot take it now.
    """

    def __init__(self, interval_s: float, sync: Callable[[Execution], bool]) -> None:
        self._interval_s = interval_s
        self._sync = sync
        self._earned: weakref.WeakKeyDictionary[Execution, tuple[float, float]] = weakref.WeakKeyDictionary()
        self._waiting: dict[Execution, asyncio.TimerHandle] = {}

    def open(self, execution: Execution) -> None:
        """Write in a twentieth of a second, and nothing before: most cells have ended by then, and cost one write."""
        loop = asyncio.get_running_loop()
        self._waiting[execution] = loop.call_later(_OPENING_S, self._opened, execution)

    def write(self, execution: Execution) -> None:
        """Write soon: now if the cell has not been written much lately."""
        if execution in self._waiting:
            return
        loop = asyncio.get_running_loop()
        earned, last = self._earned.get(execution, (float(_BURST), loop.time()))
        earned = min(float(_BURST), earned + (loop.time() - last) / self._interval_s)
        if earned >= 1:
            self._earned[execution] = (earned - 1, loop.time())
            self.write_now(execution)
        else:
            self._waiting[execution] = loop.call_later((1 - earned) * self._interval_s, self._due, execution)

    def write_now(self, execution: Execution) -> None:
        """Write without regard to the pace."""
        waiting = self._waiting.pop(execution, None)
        if waiting is not None:
            waiting.cancel()
        if not self._sync(execution):
            self._waiting[execution] = asyncio.get_running_loop().call_later(_RETRY_S, self._due, execution)

    def write_all(self) -> None:
        """Write whatever waits."""
        for execution in list(self._waiting):
            self.write_now(execution)

    def _opened(self, execution: Execution) -> None:
        self._waiting.pop(execution, None)
        self.write_now(execution)

    def _due(self, execution: Execution) -> None:
        self._waiting.pop(execution, None)
        self._earned[execution] = (0.0, asyncio.get_running_loop().time())
        self.write_now(execution)
