"""Saving in time: upstream waits for a pause in the changes, which a cell that prints on and on never makes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from .background import Background
from .rooms import Room, Rooms
from .save_pace import SavePace

_BEHIND_S = 60.0
"""While outputs come faster than they can be recorded, a save would only slow that down; it waits so long at most."""


@dataclass(slots=True)
class _Plan:
    """What is planned for one notebook.

    Attributes:
        pace: when it is to be saved.
        timer: at which that is looked at again.
        task: saves it.
        release: lets go of it; it is kept open until it is saved, since closing it would forget what is planned.
        behind_since: since when its save waits for the recorders.
        lock: while it is saved by itself, because it is due or because it is left.
        writing: while its file is written, whoever began that.
    """

    pace: SavePace
    timer: asyncio.TimerHandle | None = None
    task: asyncio.Task[None] | None = None
    release: Callable[[], None] | None = None
    behind_since: float | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Saver:
    """Saves a notebook after a pause in its changes, or an interval after it was changed, and before it is closed.

    A notebook that is large or slow to save is saved less often, unless somebody asks for it; see :class:`SavePace`.

    Args:
        rooms: the open notebooks.
        interval_s: seconds.
        is_behind: whether there are outputs still to be recorded.
        size_of: bytes of the file at a path, as it was last saved; 0 when that is not known.
        saving: gives a context in which a notebook is saved.
        background: of its own; it is waited for.
    """

    def __init__(
        self,
        rooms: Rooms,
        interval_s: float,
        is_behind: Callable[[], bool],
        size_of: Callable[[str], int],
        saving: Callable[[Room], AbstractContextManager[None]],
        background: Background,
    ) -> None:
        self._rooms = rooms
        self._interval_s = interval_s
        self._is_behind = is_behind
        self._size_of = size_of
        self._saving_context = saving
        self._plans: dict[str, _Plan] = {}
        self._background = background
        self._stopping = False

    def wrote(self, room_id: str) -> None:
        """This notebook was changed."""
        plan = self._plan(room_id)
        plan.pace.changed(asyncio.get_running_loop().time())
        if plan.timer is None and plan.task is None and not self._stopping:
            self._schedule(room_id, plan)

    async def guard(self, room: Room, save: Callable[[], Awaitable[None]], pause_s: float | None) -> None:
        """Do *save*, whoever began it.

        Args:
            room: the notebook.
            save: writes its file.
            pause_s: None when it was asked for. Else it is planned, and done by asking for it.
        """
        if pause_s is not None:
            self.wrote(room.room_id)
            return
        plan, loop = self._plan(room.room_id), asyncio.get_running_loop()
        async with plan.writing:
            if plan.pace.unsaved_since is not None:
                # Not everybody does who changes it; and the save before this one takes away what was set during it.
                await room.mark_dirty()
            began = loop.time()
            plan.pace.begins(began)
            try:
                with self._saving_context(room):
                    await save()
            finally:
                plan.pace.ended(began, loop.time(), self._size_of(room.path), succeeded=not room.is_dirty)
        self._follow_up(room.room_id)

    def leave(self, room_id: str, release: Callable[[], None]) -> None:
        """Let go of a notebook; if nobody is left, it is saved first."""
        self._background.start(self._leave(room_id, release), "a notebook that was left is not saved")

    async def stop(self) -> None:
        """Save what was written to lately; nothing is saved after this."""
        self._stopping = True
        for plan in self._plans.values():
            if plan.timer is not None:
                plan.timer.cancel()
                plan.timer = None
        await self._background.finished()  # saves on their way lack what was written since
        unsaved = [room for room_id in self._plans if (room := self._unsaved(room_id)) is not None]
        await asyncio.gather(*(room.save() for room in unsaved), return_exceptions=True)

    async def _leave(self, room_id: str, release: Callable[[], None]) -> None:
        try:
            async with self._plan(room_id).lock:
                tried_at: float | None = None
                while (room := self._unsaved(room_id)) is not None and room.is_deserted:
                    unsaved_since = self._plan(room_id).pace.unsaved_since
                    if unsaved_since == tried_at:
                        break  # it cannot be saved
                    tried_at = unsaved_since
                    await room.save()
        finally:
            release()

    def _schedule(self, room_id: str, plan: _Plan) -> None:
        room = self._unsaved(room_id)
        due_at = None if room is None else plan.pace.due_at(room.save_delay_s or 0.0)
        if room is None or due_at is None or (plan.pace.has_failed and room.is_deserted):
            self._let_go(plan)  # what a file lacks when nobody is there any more, the history has
            return
        if plan.release is None:
            plan.release = self._rooms.hold(room)
        plan.timer = asyncio.get_running_loop().call_at(due_at, self._due, room_id, plan)

    def _due(self, room_id: str, plan: _Plan) -> None:
        plan.timer = None
        room = self._unsaved(room_id)
        if room is None:
            self._let_go(plan)
            return
        now = asyncio.get_running_loop().time()
        due_at = plan.pace.due_at(room.save_delay_s or 0.0)
        if due_at is not None and due_at > now:  # there were changes since it was planned
            self._schedule(room_id, plan)
        elif self._is_waiting(plan, now):
            plan.timer = asyncio.get_running_loop().call_later(self._interval_s, self._due, room_id, plan)
        else:
            plan.behind_since = None
            plan.task = self._background.start(self._save(room_id, plan), "a notebook is not saved")

    def _is_waiting(self, plan: _Plan, now: float) -> bool:
        """Whether a save is put off for the recorders."""
        if not self._is_behind():
            return False
        plan.behind_since = now if plan.behind_since is None else plan.behind_since
        return now < plan.behind_since + _BEHIND_S

    async def _save(self, room_id: str, plan: _Plan) -> None:
        """Save, and only then plan the next save: how long it took says when that may be."""
        try:
            async with plan.lock:
                room = self._unsaved(room_id)  # whoever has left it may have saved it by now
                if room is not None:
                    await room.save()
        finally:
            plan.task = None
            self._follow_up(room_id)

    def _follow_up(self, room_id: str) -> None:
        """After a save: plan the next one, if there is to be one."""
        plan = self._plan(room_id)
        if plan.timer is None and plan.task is None and not self._stopping:
            self._schedule(room_id, plan)

    def _unsaved(self, room_id: str) -> Room | None:
        """The notebook, if it has changes that are to be saved by themselves."""
        room = self._rooms.get(room_id)
        if room is None or room.save_delay_s is None or self._plan(room_id).pace.unsaved_since is None:
            return None
        return room

    def _plan(self, room_id: str) -> _Plan:
        plan = self._plans.get(room_id)
        if plan is None:
            plan = self._plans[room_id] = _Plan(SavePace(self._interval_s))
        return plan

    def _let_go(self, plan: _Plan) -> None:
        if plan.release is not None:
            release, plan.release = plan.release, None
            release()
