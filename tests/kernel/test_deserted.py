"""Every browser closes in mid-run: what comes afterwards is on disk, and the notebook is let go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from .conftest import closing_after
from .tabs import (
    WAIT_S,
    becomes,
    by_now,
    counts,
    documents_in_memory,
    is_evicted,
    is_open,
    notebook,
    opened,
    passed_over,
    plain,
    prints,
    saved_outputs,
    states,
    stdout,
    written,
)

SLOW = "import time\nfor i in range(40): print(i, flush=True); time.sleep(0.05)"
SLOW_TEXT = "".join(f"{i}\n" for i in range(40))
BIG = "for i in range(3): print('x' * 99_999, flush=True)"
BIG_TEXT = ("x" * 99_999 + "\n") * 3


def saved_counts(server: LabServer, path: str) -> list[int | None]:
    return [cell.execution_count for cell in nbformat.read(server.root_dir / path, 4).cells]


async def test_with_rooms_closed_at_once_outputs_counts_and_idle_reach_the_disk_and_the_room_goes(
    brief: LabServer,
) -> None:
    async with notebook(brief, SLOW, BIG, "'last'") as tab:
        for cell_id in tab.cell_ids():
            tab.start(cell_id)
        await becomes(tab, prints(tab, 0, "2\n"))
        await tab.close()
        assert is_open(tab)
        await is_evicted(tab)
        expected = [[stdout(SLOW_TEXT)], [stdout(BIG_TEXT)], [plain("execute_result", "'last'", execution_count=3)]]
        assert saved_outputs(brief, tab.path) == expected
        assert saved_counts(brief, tab.path) == [1, 2, 3]
        async with opened(brief, tab.path) as later:
            assert states(later) == ["idle"] * 3
            assert counts(later) == [1, 2, 3]


async def test_with_rooms_kept_a_while_outputs_counts_and_idle_reach_the_disk_before_that(lasting: LabServer) -> None:
    async with notebook(lasting, SLOW, BIG) as tab:
        for cell_id in tab.cell_ids():
            tab.start(cell_id)
        await becomes(tab, prints(tab, 0, "2\n"))
        await tab.close()
        await written(tab, [[stdout(SLOW_TEXT)], [stdout(BIG_TEXT)]])
        async with asyncio.timeout(WAIT_S):  # the outputs may be in the file of a save that came before the end
            while by_now(saved_counts, tab) != [1, 2]:  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.1)
        assert is_open(tab)
        async with opened(lasting, tab.path) as later:
            assert states(later) == ["idle"] * 2
            assert counts(later) == [1, 2]
            assert later.outputs(0) == [stdout(SLOW_TEXT)]


@pytest.mark.parametrize("moment", range(4))
async def test_a_browser_that_closes_around_the_end_of_a_cell_leaves_count_and_idle(
    brief: LabServer, moment: int
) -> None:
    """At whatever moment it goes: before its reply, with it, or after it but before its own writes arrive."""
    async with notebook(brief, "print('done')") as tab:
        execution = tab.start(tab.cell_ids()[0])
        if moment == 1:
            await execution.reply
        elif moment == 2:
            await execution.done
        elif moment == 3:
            await execution.done
            await becomes(tab, prints(tab, 0, "done"))
        await tab.close()
        await is_evicted(tab)
        assert saved_outputs(brief, tab.path) == [[stdout("done\n")]]
        assert saved_counts(brief, tab.path) == [1]


@pytest.mark.parametrize("code", ["print('done')", "print('done', flush=True)\nimport time\ntime.sleep(1)"])
async def test_what_a_browser_wrote_before_it_left_may_reach_the_document_after_that(
    brief: LabServer, code: str
) -> None:
    """It has one websocket for the document and one for the kernel, and either may be the slower one."""
    async with notebook(brief, code) as tab, opened(brief, tab.path) as other:
        wire, late = tab.room.wire, list[bytes]()
        send = wire.send
        wire.send = late.append  # type: ignore[method-assign,assignment]
        execution = tab.start(tab.cell_ids()[0])
        await becomes(other, prints(other, 0, "done"))
        if "sleep" not in code:
            await execution.done
        await tab.kernel.close()
        if "sleep" in code:
            await asyncio.sleep(1.5)  # until it has ended
        assert states(other) == ["idle"]
        wire.send = send  # type: ignore[method-assign]
        for message in late:
            send(message)
        await becomes(other, lambda: counts(other) == [1] and states(other) == ["idle"])


async def test_a_browser_that_comes_back_in_mid_run_finds_the_notebook_still_open(brief: LabServer) -> None:
    async with notebook(brief, SLOW) as tab:
        tab.start(tab.cell_ids()[0])
        await becomes(tab, prints(tab, 0, "2\n"))
        await tab.close()
        async with opened(brief, tab.path) as later:
            await becomes(later, lambda: later.outputs(0) == [stdout(SLOW_TEXT)])
            await becomes(later, lambda: states(later) == ["idle"])
            assert counts(later) == [1]
        await is_evicted(tab)
        assert saved_counts(brief, tab.path) == [1]


async def test_a_notebook_in_which_nothing_ran_is_closed_as_ever(brief: LabServer) -> None:
    async with notebook(brief, "1") as tab:
        await tab.close()
        await is_evicted(tab)


async def test_cells_run_over_and_over_by_browsers_that_leave_keep_no_room_open(brief: LabServer) -> None:
    async with notebook(brief, "import time\nprint('x', flush=True)\ntime.sleep(0.5)") as tab:
        for _ in range(3):
            async with opened(brief, tab.path) as one:
                one.start(one.cell_ids()[0])
                await becomes(one, prints(one, 0, "x"))
        await tab.close()
        await is_evicted(tab)
        assert saved_outputs(brief, tab.path) == [[stdout("x\n")]]


async def test_a_request_that_is_lost_on_its_way_keeps_no_room_open(brief: LabServer) -> None:
    """As with the connection of a browser that leaves in the very moment; the kernel never hears of it."""
    async with notebook(brief, "print('x')") as tab:
        async with opened(brief, tab.path) as one:
            one.start(one.cell_ids()[0])
        await tab.close()
        await is_evicted(tab)
        async with opened(brief, tab.path) as later:
            assert states(later) == ["idle"]


async def test_notebooks_that_were_closed_are_not_kept_in_memory(brief: LabServer) -> None:
    for _ in range(6):
        async with notebook(brief, "print('x')") as tab:
            assert await tab.run_all()
            await tab.close()
            await is_evicted(tab)
    async with asyncio.timeout(WAIT_S):
        while documents_in_memory(brief) > 2:  # noqa: ASYNC110 - timers still hold the last ones for a moment
            await asyncio.sleep(0.2)


async def test_what_is_opened_as_soon_as_a_server_answers_is_garbage_like_any_other(tmp_path: Path) -> None:
    """The collector is told to pass over what there is at the start, and a document is never to be among that."""
    with closing_after(tmp_path, 0) as server:
        at_first = passed_over(server)
        assert at_first > 0
        async with notebook(server, "print('x')") as tab:
            assert await tab.run_all()
        assert passed_over(server) <= at_first
