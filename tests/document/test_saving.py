"""How often a notebook is saved that is written to without a pause."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast

import pytest

from jupyter_crdt_outputs.document import saving
from jupyter_crdt_outputs.document.rooms import Room, Rooms
from jupyter_crdt_outputs.document.saving import Saver


class SlowRoom:
    """A notebook whose save takes a while, and which is the only open one."""

    room_id = "json:notebook:1"
    save_delay_s = 10.0

    path = "notebook.ipynb"
    saver: Saver

    def __init__(self, took_s: float, size: int = 0) -> None:
        self._took_s = took_s
        self.size = size
        self.is_saving = False
        self.is_dirty = False
        self.saves: list[tuple[float, float]] = []

    def get(self, _room_id: str) -> SlowRoom:
        return self

    async def save(self) -> None:
        await self.saver.guard(cast("Room", self), self._write, None)

    async def change(self) -> None:
        """As upstream after every change; the next one cancels it."""
        await self.saver.guard(cast("Room", self), self._write, 0.01)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.is_saving = True
        await asyncio.sleep(self._took_s)
        self.is_saving = False
        self.saves.append((start, loop.time()))


def saver_of(room: SlowRoom, interval_s: float, is_behind: Callable[[], bool] = lambda: False) -> Saver:
    saver = Saver(cast("Rooms", room), interval_s, is_behind, lambda _path: room.size, contextlib.nullcontext)
    room.saver = saver
    return saver


async def written_to_for(seconds: float, room: SlowRoom, interval_s: float) -> None:
    saver = saver_of(room, interval_s)
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        saver.wrote(room.room_id)
        await asyncio.sleep(0.005)
    await saver.stop()


def test_saving_takes_a_tenth_of_the_time_at_most_from_the_first_save_on() -> None:
    room: Any = SlowRoom(took_s=0.1)
    asyncio.run(written_to_for(2.0, room, interval_s=0.05))
    *regular, _at_stop = room.saves
    assert len(regular) >= 2, "it is saved again and again"
    for (start, end), (following, _) in pairwise(regular):
        assert following - end >= 9 * (end - start)


def test_what_was_written_during_a_save_is_saved_without_another_write() -> None:
    room: Any = SlowRoom(took_s=0.05)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        saver.wrote(room.room_id)
        await asyncio.sleep(0.08)  # the save is on its way
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
    monkeypatch.setattr(saving, "_LONGEST_S", 0.6)

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


def test_a_large_notebook_rests_after_a_save_unless_somebody_asks_for_one() -> None:
    room: Any = SlowRoom(took_s=0.001, size=1_200_000)  # at 4 MB a second, 0.3 s

    async def scenario() -> None:
        saver = saver_of(room, 60.0)
        await room.change()
        await room.change()
        await room.save()
        await saver.stop()

    asyncio.run(scenario())
    (first, _), (second, end), (third, _) = room.saves
    assert second - first >= 0.3
    assert third - end < 0.3


def test_a_notebook_that_somebody_types_into_without_a_pause_is_saved_every_interval() -> None:
    room: Any = SlowRoom(took_s=0.001)

    async def scenario() -> None:
        saver = saver_of(room, 0.1)
        for _ in range(50):
            saving = asyncio.create_task(saver.guard(room, room._write, 10.0))
            await asyncio.sleep(0.01)
            saving.cancel()
        await saver.stop()

    asyncio.run(scenario())
    assert len(room.saves) >= 3


def test_a_save_that_failed_is_tried_again_without_another_change() -> None:
    room: Any = SlowRoom(took_s=0.001)

    async def scenario() -> None:
        saver = saver_of(room, 0.05)
        room.is_dirty = True
        await room.change()
        while len(room.saves) < 3:  # noqa: ASYNC110 - the room has no event
            await asyncio.sleep(0.01)
        room.is_dirty = False
        await asyncio.sleep(0.2)
        tried = len(room.saves)
        await asyncio.sleep(0.2)
        assert len(room.saves) == tried
        await saver.stop()

    asyncio.run(scenario())
