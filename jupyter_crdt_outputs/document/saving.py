"""Saving in time: upstream waits for a pause in the changes, which a cell that prints on and on never makes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from .rooms import Room, Rooms

_REST = 10
"""A save may take up this part of the time at most: the interval is stretched for notebooks that are slow to save."""

_LONGEST_S = 60.0
"""While outputs come faster than they can be recorded, a save would only slow that down; it waits for so long at most.
A crash loses nothing for it: the document's history and its journal have what the file lacks."""

_UPSTREAM_S = 1.0
"""After its pause, upstream has begun to save within this time."""


class Saver:
    """Saves a notebook at most an interval after the server wrote to it, and before it is closed with nobody there.

    A crash loses at most what came since; what came before is in the file.

    Args:
        rooms: the open notebooks.
        interval_s: seconds.
        is_behind: whether there are outputs still to be recorded.
        log: for saves that fail, which upstream reports to the user.
    """

    def __init__(self, rooms: Rooms, interval_s: float, is_behind: Callable[[], bool], log: logging.Logger) -> None:
        self._rooms = rooms
        self._interval_s = interval_s
        self._is_behind = is_behind
        self._log = log
        self._written_at: dict[str, float] = {}
        self._saved_at: dict[str, float] = {}
        self._took_s: dict[str, float] = {}
        self._saving: dict[str, asyncio.Lock] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._overdue_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def wrote(self, room_id: str) -> None:
        """The server wrote to this notebook."""
        self._written_at[room_id] = asyncio.get_running_loop().time()
        if room_id not in self._timers:
            self._schedule(room_id)

    def leave(self, room_id: str, release: Callable[[], None]) -> None:
        """Let go of a notebook; if nobody is left, it is saved first, since closing it cancels upstream's save."""
        self._start(self._leave(room_id, release))

    async def stop(self) -> None:
        """Save what was written to lately; nothing is saved after this."""
        self._stopping.set()
        for timer in self._timers.values():
            timer.cancel()
        rooms = [room for room_id in list(self._timers) if (room := self._rooms.get(room_id)) is not None]
        self._timers.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)  # saves on their way lack what was written since
        unsaved = [room for room in rooms if self._is_unsaved(room.room_id)]
        await asyncio.gather(*(self._save(room) for room in unsaved), return_exceptions=True)

    async def _leave(self, room_id: str, release: Callable[[], None]) -> None:
        try:
            room = self._rooms.get(room_id)
            delay = None if room is None else room.save_delay_s
            if room is None or delay is None:
                return
            if not room.is_deserted:  # upstream is about to save, but the last browser may go before and end that
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay + _UPSTREAM_S)
            async with self._saving.setdefault(room_id, asyncio.Lock()):
                while room.is_deserted and self._is_unsaved(room_id):
                    await self._save(room)
        finally:
            release()

    def _schedule(self, room_id: str) -> None:
        delay = max(self._interval_s, _REST * self._took_s.get(room_id, 0.0))
        self._timers[room_id] = asyncio.get_running_loop().call_later(delay, self._due, room_id)

    def _due(self, room_id: str) -> None:
        room = self._rooms.get(room_id)
        delay = None if room is None else room.save_delay_s
        if room is None or delay is None:
            del self._timers[room_id]
            return
        now = asyncio.get_running_loop().time()
        if self._is_behind() and now < self._overdue_at.setdefault(room_id, now + _LONGEST_S):
            self._schedule(room_id)
            return
        self._overdue_at.pop(room_id, None)
        if now - self._written_at[room_id] <= delay:  # after a longer pause upstream has saved by itself
            self._start(self._save_due(room))
        else:
            del self._timers[room_id]

    async def _save_due(self, room: Room) -> None:
        """Save, and only then plan the next save: how long it took says when that may be."""
        try:
            await self._save(room)
        finally:
            self._timers.pop(room.room_id, None)  # stop() takes them all
        if self._is_unsaved(room.room_id) and not self._stopping.is_set():
            self._schedule(room.room_id)

    def _is_unsaved(self, room_id: str) -> bool:
        return self._written_at.get(room_id, 0.0) >= self._saved_at.get(room_id, 0.0)

    async def _save(self, room: Room) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await room.save()
        self._saved_at[room.room_id] = start
        self._took_s[room.room_id] = loop.time() - start

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
