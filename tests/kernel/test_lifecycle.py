"""Kernels that are restarted, die, or are shut down while cells run: every cell ends idle, and its room is let go."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psutil

from jupyter_crdt_outputs.testing.lab_client import ExecutionCanceled, LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, counts, is_evicted, listen, notebook, opened, prints, shows, states, stdout

RUNS_ON = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)"


async def started(tab: LabClient) -> asyncio.Task[bool]:
    """Run all cells, of which the first never ends; returns when that prints."""
    running = asyncio.create_task(tab.run_all())
    await becomes(tab, lambda: bool(tab.outputs(0)))
    return running


def kernel_process(tab: LabClient) -> psutil.Process:
    """The process that a cell of RUNS_ON runs in."""
    return psutil.Process(int(tab.outputs(0)[0]["text"]))


async def canceled(running: asyncio.Task[bool]) -> None:
    with suppress(ExecutionCanceled):
        assert not await running


async def test_a_restart_with_queued_cells_leaves_all_of_them_idle(server: LabServer) -> None:
    async with notebook(server, RUNS_ON, "print('queued 1')", "print('queued 2')") as tab:
        running = await started(tab)
        await tab.kernel.restart()
        await canceled(running)
        await becomes(tab, lambda: states(tab) == ["idle"] * 3)
        # Whether the old process still began a queued cell differs from run to run, without us too.
        tab.set_source(tab.cell_ids()[0], "print('again')")
        heard = listen(tab)
        assert await tab.run_all()
        await shows(tab, 0, [stdout("again\n")])
        await shows(tab, 2, [stdout("queued 2\n")])
        assert heard.outputs == []


async def test_restart_and_run_all_is_recorded_to_the_end_although_its_browser_leaves(server: LabServer) -> None:
    source = "import time\nfor i in range(30): print(i, flush=True); time.sleep(0.1)"
    async with notebook(server, source) as tab, opened(server, tab.path) as other:
        await tab.kernel.restart()
        tab.start(tab.cell_ids()[0])
        await becomes(other, prints(other, 0, "0\n"))
        await tab.close()
        await shows(other, 0, [stdout("".join(f"{i}\n" for i in range(30)))])
        await becomes(other, lambda: states(other) == ["idle"])
        assert counts(other) == [1]


async def test_a_restart_by_another_browser_leaves_the_first_ones_cells_idle(server: LabServer) -> None:
    async with notebook(server, RUNS_ON, "print('queued')") as tab, opened(server, tab.path) as other:
        running = await started(tab)
        await other.kernel.restart()
        await becomes(other, lambda: states(other) == ["idle", "idle"])
        running.cancel()


async def test_a_kernel_that_is_killed_leaves_its_cells_idle_and_works_again(server: LabServer) -> None:
    async with notebook(server, RUNS_ON, "print('queued')") as tab:
        running = await started(tab)
        kernel_process(tab).kill()
        await canceled(running)
        await becomes(tab, lambda: states(tab) == ["idle", "idle"])
        assert prints(tab, 0, "\n")()  # what was printed before stays


async def test_a_kernel_that_is_killed_with_no_browser_there_leaves_its_cells_idle_and_its_room_closed(
    brief: LabServer,
) -> None:
    async with notebook(brief, RUNS_ON, "print('queued')") as tab:
        running = await started(tab)
        process = kernel_process(tab)
        await tab.close()
        running.cancel()
        process.kill()
        await is_evicted(tab)
        async with opened(brief, tab.path) as later:
            assert states(later) == ["idle", "idle"]
            assert later.outputs(0) == [stdout(f"{process.pid}\n")]


async def test_a_kernel_that_is_shut_down_leaves_its_cells_idle(server: LabServer) -> None:
    async with notebook(server, RUNS_ON, "print('queued')") as tab, opened(server, tab.path) as other:
        running = await started(tab)
        server.request(f"api/kernels/{tab.kernel.kernel_id}", method="DELETE")
        await becomes(other, lambda: states(other) == ["idle", "idle"])
        running.cancel()
