"""Displays that are updated, and outputs that are cleared."""

from __future__ import annotations

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, is_stored, listen, notebook, opened, plain, prints, saves, shows, stdout

SHOW = "from IPython.display import clear_output, display, update_display\n"


def text(value: str) -> dict[str, object]:
    return plain("display_data", value)


async def test_a_display_is_updated_in_its_place(server: LabServer) -> None:
    source = SHOW + "handle = display('one', display_id=True); print('after'); handle.update('two')"
    async with notebook(server, source) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        await shows(tab, 0, [text("'two'"), stdout("after\n")])
        assert heard.outputs == []


async def test_a_display_is_updated_from_another_cell(server: LabServer) -> None:
    async with notebook(server, SHOW + "handle = display('one', display_id=True)", "handle.update('two')") as tab:
        assert await tab.run_all()
        await shows(tab, 0, [text("'two'")])
        await shows(tab, 1, [])


async def test_a_display_shown_twice_is_updated_twice(server: LabServer) -> None:
    source = SHOW + "display('one', display_id='d'); print('between'); _ = display('two', display_id='d')"
    async with notebook(
        server, source, "_ = display('three', display_id='d')", "update_display('four', display_id='d')"
    ) as tab:
        assert await tab.run_cells(tab.cell_ids()[:1])
        await shows(tab, 0, [text("'two'"), stdout("between\n"), text("'two'")])
        assert await tab.run_cells(tab.cell_ids()[1:2])
        await shows(tab, 0, [text("'three'"), stdout("between\n"), text("'three'")])
        await shows(tab, 1, [text("'three'")])
        assert await tab.run_cells(tab.cell_ids()[2:])
        await shows(tab, 0, [text("'four'"), stdout("between\n"), text("'four'")])
        await shows(tab, 1, [text("'four'")])


async def test_a_hundred_updates_leave_the_last(server: LabServer) -> None:
    source = SHOW + "handle = display(0, display_id=True)\nfor i in range(1, 101): handle.update(i)\nprint('end')"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await shows(tab, 0, [text("100"), stdout("end\n")])


async def test_an_update_of_another_client_reaches_the_recorded_cell(server: LabServer) -> None:
    async with (
        notebook(server, SHOW + "handle = display('one', display_id='shared')") as tab,
        opened(server, tab.path, announce=False) as console,
    ):
        assert await tab.run_all()
        await shows(tab, 0, [text("'one'")])
        heard = listen(console)
        await console.kernel.execute("update_display('two', display_id='shared')", {}, stop_on_error=True).done
        await shows(tab, 0, [text("'two'")])
        assert [message.type for message in heard.outputs] == ["update_display_data"]


async def test_an_update_may_be_too_large_for_the_document(server: LabServer) -> None:
    source = SHOW + "handle = display('small', display_id=True); handle.update({'text/plain': 'x' * 200_000}, raw=True)"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_stored(tab.outputs(0)))
        await saves(tab, [[text("x" * 200_000)]])


async def test_a_display_of_a_cell_that_ran_again_is_updated_no_more(server: LabServer) -> None:
    async with notebook(
        server, SHOW + "import random", "_ = display('old', display_id='d')", "update_display('new', display_id='d')"
    ) as tab:
        assert await tab.run_cells(tab.cell_ids()[:2])
        tab.set_source(tab.cell_ids()[1], "print('no display')")
        assert await tab.run_cells(tab.cell_ids()[1:])
        await shows(tab, 1, [stdout("no display\n")])


async def test_clearing_removes_what_was_there(server: LabServer) -> None:
    source = SHOW + "print('old'); display('old'); clear_output(); print('new')"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await shows(tab, 0, [stdout("new\n")])


async def test_a_waiting_clear_comes_with_the_next_output(server: LabServer) -> None:
    source = SHOW + "print('old'); clear_output(wait=True); input('go?'); print('new')"
    async with notebook(server, source) as tab:
        seen: list[object] = []

        def answer(prompt: str) -> str:
            seen.append(prompt)
            return ""

        tab.answer = answer
        # The answer is itself an output of the browser's, so ask for what the cell held before it.
        assert await tab.run_all()
        assert seen == ["go?"]
        await becomes(tab, prints(tab, 0, "new"))
        assert not prints(tab, 0, "old")()


async def test_a_clear_that_waits_for_nothing_clears_nothing(server: LabServer) -> None:
    async with notebook(server, SHOW + "print('stays'); clear_output(wait=True)") as tab:
        assert await tab.run_all()
        await shows(tab, 0, [stdout("stays\n")])


async def test_a_thousand_outputs_within_a_second_all_arrive_in_order(server: LabServer) -> None:
    source = """
import time
from IPython.display import display
html = "<p>" + "x" * 10_000 + "</p>"
for i in range(1000):
    display({"text/plain": f"{i}", "text/html": html}, raw=True)
    if i % 100 == 0: time.sleep(0.05)
"""
    async with notebook(server, source) as tab, opened(server, tab.path) as passive:
        assert await tab.run_all()
        await becomes(tab, lambda: len(passive.room.cells()[0]["outputs"]) == 1000)
        shown = [output["data"]["text/plain"] for output in passive.outputs(0)]
        assert shown == [str(number) for number in range(1000)]
