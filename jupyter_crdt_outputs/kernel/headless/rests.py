"""Notebooks of which nothing is left to run, and which will be saved and let go unless more is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_REST_S = 1.0


class Rests:
    """Holds notebooks for a moment longer: who runs one cell often runs the next, and each save costs more than a cell.

    Args:
        leave: called with the room's id and how to let go of the room, when the moment is over.
    """

    def __init__(self, leave: Callable[[str, Callable[[], None]], None]) -> None:
        self._leave = leave
        self._resting: dict[str, tuple[asyncio.TimerHandle, Callable[[], None]]] = {}

    def begin(self, room_id: str, release: Callable[[], None]) -> None:
        """Nothing is left to run in this notebook."""
        self.end(room_id)
        timer = asyncio.get_running_loop().call_later(_REST_S, self._over, room_id)
        self._resting[room_id] = timer, release

    def end(self, room_id: str) -> None:
        """Somebody else holds it by now."""
        if room_id in self._resting:
            timer, release = self._resting.pop(room_id)
            timer.cancel()
            release()

    def stop(self) -> None:
        """Let go of all now."""
        for room_id in list(self._resting):
            self._resting[room_id][0].cancel()
            self._over(room_id)

    def _over(self, room_id: str) -> None:
        _timer, release = self._resting.pop(room_id)
        self._leave(room_id, release)
