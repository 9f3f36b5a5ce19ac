"""How outputs are put together for the store."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, cast

from jupyter_crdt_outputs.kernel.backlog import Backlog, Item
from jupyter_crdt_outputs.kernel.execution import Execution
from jupyter_crdt_outputs.kernel.messages import Message
from jupyter_crdt_outputs.kernel.waiting import Waiting

LOG = logging.getLogger("test")
EXECUTION = cast("Execution", object())


def item(kind: str, number: int, size: int = 10_000) -> Item:
    return EXECUTION, Message(kind, str(number), "session", "parent", b"{}", b"x" * size)


class Recorded:
    """What a backlog hands on, and when."""

    def __init__(self, tmp_path: Path, takes_s: float = 0.0) -> None:
        self.groups: list[list[str]] = []
        self.times: list[float] = []
        self._takes_s = takes_s
        self.waiting = Waiting(1 << 26, tmp_path, LOG)
        self.backlog = Backlog(self._process, self.waiting, LOG)

    @property
    def order(self) -> list[str]:
        return [number for group in self.groups for number in group]

    async def _process(self, items: list[Item]) -> None:
        self.times.append(asyncio.get_running_loop().time())
        messages: list[Any] = [message for _, message in items]
        self.groups.append([message.msg_id for message in messages])
        await asyncio.sleep(self._takes_s)


async def test_outputs_that_come_one_after_another_are_stored_ten_times_a_second_at_most(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path)
    for number in range(200):
        recorded.backlog.append(item("display_data", number))
        await asyncio.sleep(0.005)
    await recorded.backlog.done()
    assert recorded.order == [str(number) for number in range(200)]
    seconds = recorded.times[-1] - recorded.times[0]
    assert len(recorded.groups) - 1 <= 10 * seconds + 1


async def test_an_output_alone_does_not_wait(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path)
    started = asyncio.get_running_loop().time()
    recorded.backlog.append(item("display_data", 0))
    await recorded.backlog.done()
    assert recorded.times[0] - started < 0.05


async def test_what_comes_after_outputs_ends_their_waiting(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path)
    recorded.backlog.append(item("display_data", 0))
    await recorded.backlog.done()
    recorded.backlog.append(item("display_data", 1))
    recorded.backlog.append(item("display_data", 2))
    recorded.backlog.append(item("status", 3))
    await recorded.backlog.done()
    assert recorded.groups == [["0"], ["1", "2"], ["3"]]
    assert recorded.times[-1] - recorded.times[0] < 0.08


async def test_a_group_is_bounded_and_nothing_waits_when_all_is_done(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path, takes_s=0.01)
    for number in range(30):
        recorded.backlog.append(item("display_data", number, size=1 << 20))
    assert recorded.waiting.any
    await recorded.backlog.done()
    assert recorded.order == [str(number) for number in range(30)]
    assert max(map(len, recorded.groups)) <= 10
    assert not recorded.waiting.any
