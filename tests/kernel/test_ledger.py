"""Whoever waits for executions is woken when it is time, and what has ended is remembered for little."""

from __future__ import annotations

import asyncio
import weakref

from jupyter_crdt_outputs.kernel.records import Ledger, LiveRecord, new_id, now
from jupyter_crdt_outputs.model.executions import ExecutionRecord


def a_ledger() -> Ledger:
    return Ledger(lambda _record, _outputs: None, lambda _record: None, keeps_sources=False)


def asked(ledger: Ledger) -> LiveRecord:
    record = ExecutionRecord(
        id=new_id(),
        run=None,
        parent=None,
        cell="cell",
        path="a/notebook.ipynb",
        file_id="file",
        kernel="kernel",
        kernel_name="python3",
        language="python",
        user="somebody",
        via="endpoint",
        queued_at=now(),
    )
    return ledger.add(record)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_batch_is_waited_for_until_the_last_of_it_has_ended_in_whatever_order() -> None:
    ledger = a_ledger()
    first, second, third = (asked(ledger) for _ in range(3))
    third.close("ok")
    waiting = asyncio.create_task(ledger.wait([first, second, third], 60))
    await settled()
    second.close("ok")
    asked(ledger).close("ok")
    await settled()
    assert not waiting.done()
    first.close("error")
    await asyncio.wait_for(waiting, 20)


async def test_nobody_waits_for_what_has_ended_or_asks_for_input() -> None:
    ledger = a_ledger()
    first, second = asked(ledger), asked(ledger)
    first.close("ok")
    await asyncio.wait_for(ledger.wait([first], 60), 20)
    second.asks("who? ", is_secret=False)
    await asyncio.wait_for(ledger.wait([first, second], 60), 20)


async def test_a_wait_is_over_when_one_asks_for_input_but_not_when_another_s_does() -> None:
    ledger = a_ledger()
    first, second, other = (asked(ledger) for _ in range(3))
    waiting = asyncio.create_task(ledger.wait([first, second], 60))
    await settled()
    other.asks("who? ", is_secret=False)
    await settled()
    assert not waiting.done()
    second.asks("who? ", is_secret=False)
    await asyncio.wait_for(waiting, 20)


async def test_a_wait_is_over_in_time_and_leaves_nothing_behind() -> None:
    ledger = a_ledger()
    live = asked(ledger)
    await asyncio.wait_for(ledger.wait([live], 0.01), 20)
    assert not live.is_ended
    live.close("ok")


async def test_an_execution_that_has_ended_is_remembered_without_its_cell() -> None:
    class Cell:
        def is_to_begin(self) -> bool:
            return True

    ledger, cell = a_ledger(), Cell()
    live = asked(ledger)
    live.is_to_be_shown = cell.is_to_begin
    gone = weakref.ref(cell)
    del cell
    live.close("ok")
    assert gone() is None
    assert ledger.get(live.record.id) is live
