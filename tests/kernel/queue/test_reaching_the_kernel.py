"""A cell whose turn has come while its kernel has yet to be reached, as after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import patch

import pytest

from jupyter_crdt_outputs.kernel.headless import conversation
from jupyter_crdt_outputs.kernel.headless.batch import Batch
from jupyter_crdt_outputs.kernel.records import LiveRecord
from jupyter_crdt_outputs.model.executions import RunRequest, Selector

from .scripted_kernel import ROOM, ScriptedClient, System


@pytest.fixture
async def system(tmp_path: Path) -> System:
    """Three cells, and a kernel that :func:`reached` waits for."""
    with patch.object(conversation, "KernelClient", ScriptedClient):
        system = System(tmp_path, ["a", "b", "c"], lambda _record: None)
    system.client.is_connected = False
    return system


def run(system: System, *cells: str) -> list[LiveRecord]:
    batch = Batch(RunRequest(None, ROOM, (Selector("all", ""),)), ROOM, lambda: None)
    for cell in cells:
        batch.add(system.asked(cell), None)
    system.queue.add(batch)
    return [item.live for item in batch.items]


async def reached(system: System) -> None:
    system.client.is_connected = True
    await system.settle()


async def test_it_runs_as_it_is_when_the_kernel_is_reached(system: System) -> None:
    first, second = run(system, "0", "1")
    assert system.client.sent == []
    source = system.room.cells[0]["source"]
    source += " edited"
    await reached(system)
    assert [request.code for request in system.client.requests] == ["a edited"]
    system.begin("text")
    system.end("ok", is_idle_first=True)
    await system.settle()
    assert first.record.status == "ok"
    assert system.client.sent == ["0", "1"]
    system.end("ok", is_idle_first=False)
    await system.settle()
    assert second.record.status == "ok"
    system.rests.stop()


async def test_it_can_be_cancelled_and_what_waits_behind_it_runs(system: System) -> None:
    first, second = run(system, "0", "1")
    await system.queue.cancel([first])
    assert first.record.status == "cancelled"
    await reached(system)
    assert system.client.sent == ["1"]
    assert system.room.cells[0]["execution_state"] == "idle"
    system.end("ok", is_idle_first=True)
    await system.settle()
    assert second.record.status == "ok"
    system.rests.stop()


async def test_it_ends_with_what_is_wrong_when_the_kernel_cannot_be_reached(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("no kernel")

    with patch.object(system.queue.kernel, "connect", fail):
        first, second = run(system, "0", "1")
        await asyncio.wait_for(asyncio.gather(first.ended.wait(), second.ended.wait()), 20)
    assert (first.record.status, first.record.error, first.message) == ("aborted", "RuntimeError", "no kernel")
    assert second.record.status == "aborted"
    assert "a cell could not be run" in caplog.text
    system.rests.stop()
