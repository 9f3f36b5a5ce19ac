"""How often a notebook is saved that is written to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc

from jupyter_crdt_outputs.document import saving
from jupyter_crdt_outputs.document.background import Background
from jupyter_crdt_outputs.document.rooms import Room, Rooms
from jupyter_crdt_outputs.document.save_pace import SavePace
from jupyter_crdt_outputs.document.saving import Saver

MEGABYTE = 10**6


class SlowRoom:
    """A notebook whose save takes a while, and which is the only open one."""

    room_id = "json:notebook:1"
    path = "notebook.ipynb"
    saver: Saver

    def __init__(self, took_s: float, pause_s: float = 10.0) -> None:
        self._took_s = took_s
        self.save_delay_s = pause_s
        self.is_held = False
        self.is_deserted = False
        self.is_saving = False
        self.is_dirty = False
        self.fails = False
        self.saves: list[tuple[float, float]] = []

    def get(self, _room_id: str) -> SlowRoom:
        return self

    def hold(self, _room: SlowRoom) -> Callable[[], None]:
        self.is_held = True

        def release() -> None:
            self.is_held = False

        return release

    async def save(self) -> None:
        await self.saver.guard(cast("Room", self), self._write, None)

    async def change(self) -> None:
        """As upstream after every change."""
        await self.saver.guard(cast("Room", self), self._write, self.save_delay_s)

    async def mark_dirty(self) -> None:
        self.is_dirty = True

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.is_saving = True
        await asyncio.sleep(self._took_s)
        self.is_saving = False
        self.is_dirty = self.is_dirty and self.fails
        self.saves.append((start, loop.time()))


def saver_of(room: SlowRoom, interval_s: float, is_behind: Callable[[], bool] = lambda: False) -> Saver:
    background = Background(logging.getLogger())
    saver = Saver(
        cast("Rooms", room), interval_s, is_behind, lambda _path: 0, lambda _room: contextlib.nullcontext(), background
    )
    room.saver = saver
    return saver


def saves(changes: Iterator[float], size_at: Callable[[float], int], took_s: float, until: float) -> list[float]:
    """When a notebook is saved that changes at these times, a second after a change or every five."""
    pace = SavePace(5.0)
    saved: list[float] = []
    following = next(changes)
    while following < until:
        pace.changed(following)
        now = following
        following = next(changes)
        while (due := pace.due_at(1.0)) is not None and due <= following:
            now = max(due, now)
            pace.begins(now)
            pace.ended(now, now + took_s, size_at(now), succeeded=True)
            saved.append(now)
    return saved


def every(interval_s: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += interval_s


def test_a_single_edit_of_a_huge_notebook_is_saved_after_the_pause() -> None:
    saved = saves(every(300.0), lambda _now: 500 * MEGABYTE, 3.0, until=1300)
    assert saved == [1, 301, 601, 901, 1201]


def test_a_few_edits_of_a_large_notebook_are_saved_at_once() -> None:
    assert saves(every(2.0), lambda _now: 100 * MEGABYTE, 0.5, until=8) == [1, 3, 5, 7]


def test_typing_without_a_pause_is_saved_every_interval() -> None:
    assert saves(every(0.5), lambda _now: 10_000, 0.01, until=30) == [5, 10, 15, 20, 25, 30]


@settings(max_examples=30)
@given(st.floats(0.1, 20), st.integers(1, 1000 * MEGABYTE), st.floats(0.001, 5))
def test_a_notebook_that_changes_all_the_time_is_saved_at_a_bounded_rate(
    every_s: float, size: int, took_s: float
) -> None:
    long_s = 600.0
    saved = saves(every(every_s), lambda _now: size, took_s, until=long_s)
    in_minutes = long_s / 60  # whatever it costs
    assert (len(saved) - 5) * took_s <= max(long_s / 10, in_minutes * took_s)
    assert (len(saved) - 5) * size <= max(1.5 * MEGABYTE * long_s, in_minutes * size)
    assert all(later - earlier <= 60 + 5 + 2 * every_s for earlier, later in pairwise(saved))


def test_a_notebook_that_grows_is_written_less_often_than_it_changes() -> None:
    saved = saves(every(2.0), lambda now: int(now / 2) * MEGABYTE, 0.05, until=40)
    assert sum(int(now / 2) for now in saved) <= 0.4 * sum(range(20))


def test_a_save_that_fails_is_tried_again_ever_more_rarely() -> None:
    pace = SavePace(5.0)
    pace.changed(0.0)
    tried = []
    for _ in range(6):
        due = pace.due_at(1.0)
        assert due is not None
        pace.begins(due)
        pace.ended(due, due, 0, succeeded=False)
        tried.append(due)
    assert tried == [1, 6, 16, 36, 56, 76]
    pace.begins(200.0)
    pace.ended(200.0, 200.0, 0, succeeded=True)
    assert pace.due_at(1.0) is None


def test_what_was_written_during_a_save_is_saved_without_another_write() -> None:
    room: Any = SlowRoom(took_s=0.05)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        saver.wrote(room.room_id)
        while not room.is_saving:  # noqa: ASYNC110 - the room has no event
            await asyncio.sleep(0.005)
        saver.wrote(room.room_id)
        await asyncio.sleep(1.0)
        assert len(room.saves) == 2
        await saver.stop()

    asyncio.run(scenario())


def test_what_was_written_during_a_save_is_saved_when_the_server_stops_before_the_next() -> None:
    room: Any = SlowRoom(took_s=0.05)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        saver.wrote(room.room_id)
        while not room.is_saving:  # noqa: ASYNC110 - the room has no event
            await asyncio.sleep(0.005)
        saver.wrote(room.room_id)
        await saver.stop()

    asyncio.run(scenario())
    (_, end), (start, _) = room.saves
    assert start >= end, "a save of its own, after the one that was on its way"


def test_a_save_waits_for_the_recorders_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_BEHIND_S", 0.6)

    async def scenario(is_behind: Callable[[], bool]) -> int:
        room: Any = SlowRoom(took_s=0.01)
        saver = saver_of(room, 0.05, is_behind)
        saver.wrote(room.room_id)
        await asyncio.sleep(0.3)
        before = len(room.saves)
        await asyncio.sleep(0.7)
        assert len(room.saves) >= 1
        await saver.stop()
        return before

    assert asyncio.run(scenario(lambda: False)) == 1
    assert asyncio.run(scenario(lambda: True)) == 0


def test_a_notebook_that_somebody_types_into_without_a_pause_is_saved_every_interval() -> None:
    room: Any = SlowRoom(took_s=0.001)

    async def scenario() -> None:
        saver = saver_of(room, 0.1)
        for _ in range(50):
            await room.change()
            await asyncio.sleep(0.01)
        await saver.stop()

    asyncio.run(scenario())
    assert len(room.saves) >= 3


def test_a_notebook_stays_open_until_it_is_saved() -> None:
    room: Any = SlowRoom(took_s=0.001, pause_s=0.1)

    async def scenario() -> None:
        saver = saver_of(room, 60.0)
        await room.change()
        assert room.is_held
        room.is_deserted = True
        await asyncio.sleep(0.3)
        assert len(room.saves) == 1
        assert not room.is_held
        await saver.stop()

    asyncio.run(scenario())


def test_a_notebook_that_cannot_be_saved_is_closed_when_everybody_has_left() -> None:
    room: Any = SlowRoom(took_s=0.001, pause_s=0.01)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        room.fails = True
        await room.change()
        while len(room.saves) < 3:  # noqa: ASYNC110 - the room has no event
            await asyncio.sleep(0.01)
        assert room.is_held
        room.is_deserted = True
        await asyncio.sleep(0.5)
        assert not room.is_held
        await saver.stop()

    asyncio.run(scenario())


def test_a_save_that_failed_is_tried_again_without_another_change() -> None:
    room: Any = SlowRoom(took_s=0.001, pause_s=0.01)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        room.fails = True
        await room.change()
        while len(room.saves) < 3:  # noqa: ASYNC110 - the room has no event
            await asyncio.sleep(0.01)
        room.fails = False
        await asyncio.sleep(0.4)
        tried = len(room.saves)
        await asyncio.sleep(0.4)
        assert len(room.saves) == tried
        await saver.stop()

    asyncio.run(scenario())


def test_what_was_written_during_a_save_is_tried_again_if_the_next_save_fails() -> None:
    """Upstream marks a document as saved when a save ends, whatever was written since it began."""
    room: Any = SlowRoom(took_s=0.05, pause_s=0.01)
    write = room._write

    async def write_and_change() -> None:
        if not room.saves:
            await room.change()
        await write()
        room.fails = True

    room._write = write_and_change

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        await room.change()
        async with asyncio.timeout(10):
            while len(room.saves) < 3:  # noqa: ASYNC110 - the room has no event
                await asyncio.sleep(0.01)
        await saver.stop()

    asyncio.run(scenario())


def test_nothing_is_saved_by_itself_where_nobody_wants_that() -> None:
    room: Any = SlowRoom(took_s=0.001, pause_s=0.01)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        room.save_delay_s = None
        saver.wrote(room.room_id)
        await asyncio.sleep(0.2)
        await saver.stop()

    asyncio.run(scenario())
    assert not room.saves
    assert not room.is_held


async def test_a_change_does_not_end_a_save_that_is_under_way() -> None:
    doc: Doc[Any] = Doc()
    cells: Array[Any] = Array()
    doc["cells"] = cells
    written = []

    async def save(_before: object, save_now: bool) -> None:
        await asyncio.sleep(0.05)
        written.append(save_now)

    async def guard(save: Callable[[], Awaitable[None]], pause_s: float | None) -> None:
        if pause_s is None:
            await save()

    upstream = SimpleNamespace(
        room_id="json:notebook:1",
        ydoc=doc,
        _document=SimpleNamespace(ycells=cells),
        _maybe_save_document=save,
        _save_delay=0.01,
    )
    Room(upstream).guard_saves(guard)
    asked = asyncio.create_task(upstream._maybe_save_document(None, save_now=True))
    await asyncio.sleep(0.01)
    await upstream._maybe_save_document(asked)
    await asked
    assert written == [True]


async def test_a_notebook_that_stays_unsaved_whatever_is_done_is_let_go_of_all_the_same() -> None:
    room: Any = SlowRoom(took_s=0.001)
    tried, left = [], asyncio.Event()

    async def save() -> None:
        tried.append(1)
        await asyncio.sleep(0)

    room.save, room.is_deserted = save, True
    saver = saver_of(room, 60.0)
    saver.wrote(room.room_id)
    saver.leave(room.room_id, left.set)
    async with asyncio.timeout(5):
        await left.wait()
    assert len(tried) == 1


async def test_a_notebook_that_is_left_when_its_save_is_due_is_saved_once() -> None:
    room: Any = SlowRoom(took_s=0.01, pause_s=0.01)
    begun, free, left = asyncio.Event(), asyncio.Event(), asyncio.Event()
    save = room.save

    async def save_when_free() -> None:
        begun.set()
        await free.wait()  # as while the file is on its way into the document
        await save()

    room.save, room.is_deserted = save_when_free, True
    saver = saver_of(room, 60.0)
    await room.change()
    async with asyncio.timeout(5):
        await begun.wait()
        saver.leave(room.room_id, left.set)
        await asyncio.sleep(0.05)
        free.set()
        await left.wait()
    await saver.stop()
    assert len(room.saves) == 1
