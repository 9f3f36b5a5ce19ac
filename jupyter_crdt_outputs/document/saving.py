"""Saving in time: upstream waits for a pause in the changes, which a cell that prints on and on never makes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from typing import Any

from .rooms import Room, Rooms

_REST = 10
"""A save may take up this part of the time at most: the interval is stretched for notebooks that are slow to save."""

_BYTES_PER_S = 4e6

_LONGEST_S = 60.0
"""While outputs come faster than they can be recorded, a save would only slow that down; it waits for so long at most.
A crash loses nothing for it: the document's history and its journal have what the file lacks."""

_UPSTREAM_S = 1.0
"""After its pause, upstream has begun to save within this time."""


class Saver:
    """Saves a notebook at most an interval after it was changed, and before it is closed with nobody there.

    A crash loses at most what came since; what came before is in the file. A notebook that is large is saved less
    often, unless somebody asks for it: on average, a tenth of the time at most, and 4 MB a second.

    Args:
        rooms: the open notebooks.
        interval_s: seconds.
        is_behind: whether there are outputs still to be recorded.
        size_of: bytes of the file at a path, as it was last saved; 0 when that is not known.
        saving: a context in which a save is done.
    """

    def __init__(
        self,
        rooms: Rooms,
        interval_s: float,
        is_behind: Callable[[], bool],
        size_of: Callable[[str], int],
        saving: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._rooms = rooms
        self._interval_s = interval_s
        self._is_behind = is_behind
        self._size_of = size_of
        self._saving_context = saving
        self._written_at: dict[str, float] = {}
        self._saved_at: dict[str, float] = {}
        self._rests_s: dict[str, float] = {}
        self._saving: dict[str, asyncio.Lock] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._failed: set[str] = set()
        self._overdue_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def wrote(self, room_id: str) -> None:
        """This notebook was changed."""
        self._written_at[room_id] = asyncio.get_running_loop().time()
        if room_id not in self._timers:
            self._schedule(room_id)

    async def guard(self, room: Room, save: Callable[[], Awaitable[None]], pause_s: float | None) -> None:
        """Do *save*, whoever began it.

        Args:
            room: the notebook.
            save: writes its file.
            pause_s: when it was not asked for, how long nothing may have changed before.
        """
        loop = asyncio.get_running_loop()
        if pause_s is not None:
            self.wrote(room.room_id)
            rest_s = self._saved_at.get(room.room_id, 0.0) + self._rest_s(room.room_id) - loop.time()
            await asyncio.sleep(max(pause_s, rest_s))
        start = loop.time()
        with self._saving_context():
            await save()
        self._saved_at[room.room_id] = start
        took_s = loop.time() - start
        if room.is_dirty:
            self._failed.add(room.room_id)  # tried again without another change
            if room.room_id not in self._timers and not self._stopping.is_set():
                self._schedule(room.room_id)
        else:
            self._failed.discard(room.room_id)
        self._rests_s[room.room_id] = min(_LONGEST_S, max(_REST * took_s, self._size_of(room.path) / _BYTES_PER_S))

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
        await asyncio.gather(*(room.save() for room in unsaved), return_exceptions=True)

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
                    await room.save()
        finally:
            release()

    def _schedule(self, room_id: str) -> None:
        delay = max(self._interval_s, self._rest_s(room_id))
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
        written_at = self._written_at.get(room_id, 0.0)
        if room_id in self._failed or now - written_at <= delay:  # after a longer pause upstream has saved by itself
            self._start(self._save_due(room))
        else:
            del self._timers[room_id]

    async def _save_due(self, room: Room) -> None:
        """Save, and only then plan the next save: how long it took says when that may be."""
        try:
            await room.save()
        finally:
            self._timers.pop(room.room_id, None)  # stop() takes them all
        is_unsaved = self._is_unsaved(room.room_id) or room.room_id in self._failed
        if is_unsaved and not self._stopping.is_set():
            self._schedule(room.room_id)

    def _is_unsaved(self, room_id: str) -> bool:
        return self._written_at.get(room_id, 0.0) >= self._saved_at.get(room_id, 0.0)

    def _rest_s(self, room_id: str) -> float:
        """How long after its last save a notebook is left alone."""
        return self._rests_s.get(room_id, 0.0)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
