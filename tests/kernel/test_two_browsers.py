"""Two browsers on one notebook."""

from __future__ import annotations

import asyncio
from functools import partial

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import are_idle, becomes, counts, is_stored, listen, notebook, opened, prints, saves, shows, states, stdout

SLOW = "import time\nfor i in range({count}): print('{name}', i, flush=True); time.sleep(0.05)"


def slow(name: str, count: int = 20) -> str:
    return SLOW.format(name=name, count=count)


def slow_text(name: str, count: int = 20) -> str:
    return "".join(f"{name} {i}\n" for i in range(count))


async def test_different_cells_run_by_different_browsers_are_both_recorded(server: LabServer) -> None:
    async with notebook(server, slow("a"), slow("b")) as one, opened(server, one.path) as two:
        heard = listen(one), listen(two)
        first, second = one.cell_ids()
        assert all(await asyncio.gather(one.run_cells([first]), two.run_cells([second])))
        for tab in (one, two):
            await shows(tab, 0, [stdout(slow_text("a"))])
            await shows(tab, 1, [stdout(slow_text("b"))])
            await becomes(tab, partial(are_idle, tab))
        assert sorted(map(str, counts(one))) == ["1", "2"]
        assert heard[0].outputs == heard[1].outputs == []


async def test_of_two_browsers_that_run_one_cell_the_last_wins_and_nothing_is_concatenated(server: LabServer) -> None:
    source = (
        "import time\ntry: n += 1\nexcept NameError: n = 1\n"
        + "for i in range(20): print(n, i, flush=True); time.sleep(0.05)"
    )
    async with notebook(server, source) as one, opened(server, one.path) as two:
        cell_id = one.cell_ids()[0]
        first = asyncio.create_task(one.run_cells([cell_id]))
        await becomes(two, prints(two, 0, "1 2\n"))
        assert await two.run_cells([cell_id])
        assert await first
        expected = [stdout("".join(f"2 {i}\n" for i in range(20)))]
        await shows(one, 0, expected)
        await shows(two, 0, expected)
        await becomes(two, lambda: states(two) == ["idle"])


async def test_a_browser_that_runs_a_cell_twice_keeps_the_second_run_only(server: LabServer) -> None:
    async with notebook(server, "import time\nprint('run'); time.sleep(0.3); print('end')") as tab:
        cell_id = tab.cell_ids()[0]
        tab.start(cell_id)
        assert await tab.run_cells([cell_id])
        await shows(tab, 0, [stdout("run\nend\n")])


async def test_a_passive_browser_gets_a_reference_of_a_picture_and_none_of_its_bytes(server: LabServer) -> None:
    source = (
        "import base64, os\nfrom IPython.display import display\n"
        "display({'image/png': base64.b64encode(os.urandom(1_000_000)).decode(), 'text/plain': '<Figure>'}, raw=True)"
    )
    async with notebook(server, source) as tab, opened(server, tab.path) as passive:
        passive.kernel.wire.traffic.reset()
        passive.room.wire.traffic.reset()
        assert await tab.run_all()
        await becomes(passive, lambda: is_stored(passive.outputs(0)))
        await becomes(passive, lambda: states(passive) == ["idle"])
        assert passive.kernel.wire.traffic.received_bytes <= 4096
        assert passive.room.wire.traffic.received_bytes <= 8192


async def test_when_the_executing_browser_closes_the_server_writes_count_and_state_for_the_other(
    server: LabServer,
) -> None:
    async with notebook(server, slow("a"), "'second'") as tab, opened(server, tab.path) as other:
        for cell_id in tab.cell_ids():
            tab.start(cell_id)
        await becomes(other, prints(other, 0, "a 2\n"))
        await tab.close()
        await shows(other, 0, [stdout(slow_text("a"))])
        await becomes(other, lambda: states(other) == ["idle", "idle"])
        assert counts(other) == [1, 2]
        await saves(other, [other.outputs(0), [{**other.outputs(1)[0], "execution_count": 2}]])


async def test_a_page_that_is_reloaded_in_mid_run_shows_what_came_and_what_comes(server: LabServer) -> None:
    async with notebook(server, slow("a", 40)) as tab:
        tab.start(tab.cell_ids()[0])
        await becomes(tab, prints(tab, 0, "a 2\n"))
        await tab.close()
        async with opened(server, tab.path) as reloaded:
            heard = listen(reloaded)
            assert prints(reloaded, 0, "a 2\n")()
            await shows(reloaded, 0, [stdout(slow_text("a", 40))])
            await becomes(reloaded, lambda: states(reloaded) == ["idle"])
            assert counts(reloaded) == [1]
            assert heard.outputs == []


async def test_a_connection_that_comes_back_gets_its_reply_and_the_cell_is_written_once(server: LabServer) -> None:
    async with notebook(server, slow("a", 40)) as tab, opened(server, tab.path) as other:
        tab.start(tab.cell_ids()[0])
        await becomes(tab, prints(tab, 0, "a 2\n"))
        heard = listen(tab)
        await tab.kernel.close()
        tab.kernel.wire.closed.clear()
        await tab.kernel.open()
        await shows(other, 0, [stdout(slow_text("a", 40))])
        await shows(tab, 0, [stdout(slow_text("a", 40))])
        assert heard.outputs == []
