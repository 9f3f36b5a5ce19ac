"""How often a cell is written. Nothing here depends on how fast the machine is."""

from __future__ import annotations

import asyncio
from typing import cast

from jupyter_crdt_outputs.kernel.execution import Execution
from jupyter_crdt_outputs.kernel.pace import Paces


class Cell:
    """Stands for an execution, of which a pace needs nothing but that it is one and the same."""


def execution() -> Execution:
    return cast(Execution, Cell())


class Writes:
    def __init__(self, *, refused: int = 0) -> None:
        self.of: list[Execution] = []
        self.changed = asyncio.Event()
        self._refused = refused

    def sync(self, execution: Execution) -> bool:
        if self._refused:
            self._refused -= 1
            return False
        self.of.append(execution)
        self.changed.set()
        return True


async def test_the_first_writes_of_a_cell_are_done_at_once() -> None:
    writes = Writes()
    paces, cell = Paces(3600, writes.sync), execution()
    paces.write(cell)
    assert writes.of == [cell]
    paces.write(cell)
    assert len(writes.of) == 2


async def test_a_cell_that_is_written_on_and_on_is_written_now_and_then() -> None:
    writes = Writes()
    paces, cell = Paces(3600, writes.sync), execution()
    for _ in range(1000):
        paces.write(cell)
    assert len(writes.of) < 10


async def test_another_cell_does_not_wait_for_it() -> None:
    writes = Writes()
    paces, busy, other = Paces(3600, writes.sync), execution(), execution()
    for _ in range(1000):
        paces.write(busy)
    paces.write(other)
    assert writes.of[-1] is other


async def test_what_waits_is_written_after_the_interval() -> None:
    writes = Writes()
    paces, cell = Paces(0.01, writes.sync), execution()
    for _ in range(1000):
        paces.write(cell)
    writes.changed.clear()
    await writes.changed.wait()


async def test_what_waits_can_be_written_now_and_then_waits_no_more() -> None:
    writes = Writes()
    paces, cell = Paces(0.01, writes.sync), execution()
    for _ in range(1000):
        paces.write(cell)
    before = len(writes.of)
    paces.write_now(cell)
    paces.write_all()
    await asyncio.sleep(0.05)
    assert len(writes.of) == before + 1


async def test_all_that_waits_can_be_written_at_the_end() -> None:
    writes = Writes()
    paces, cells = Paces(3600, writes.sync), [execution(), execution()]
    for cell in cells * 1000:
        paces.write(cell)
    writes.of.clear()
    paces.write_all()
    assert writes.of == cells


async def test_a_document_that_cannot_take_it_now_is_tried_again() -> None:
    writes = Writes(refused=3)
    paces, cell = Paces(3600, writes.sync), execution()
    paces.write(cell)
    assert writes.of == []
    await writes.changed.wait()
    assert writes.of == [cell]
