"""Cells that are edited, moved, deleted or pasted while they run, and a notebook that is renamed meanwhile."""

from __future__ import annotations

import asyncio
import json

import nbformat

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import are_idle, becomes, listen, notebook, opened, prints, shows, stdout

SLOW = "import time\nfor i in range(30): print(i, flush=True); time.sleep(0.05)"
SLOW_TEXT = "".join(f"{i}\n" for i in range(30))


async def running(tab: LabClient) -> asyncio.Task[bool]:
    """Run all cells; returns when the first has printed a little."""
    task = asyncio.create_task(tab.run_all())
    await becomes(tab, prints(tab, 0, "2\n"))
    return task


async def test_a_cell_that_is_moved_while_it_prints_takes_all_of_its_output_along(server: LabServer) -> None:
    async with notebook(server, SLOW, "'below'") as tab, opened(server, tab.path) as other:
        task = await running(tab)
        tab.move_cell(tab.cell_ids()[0], 1)
        assert await task
        await shows(tab, 1, [stdout(SLOW_TEXT)])
        await shows(other, 1, [stdout(SLOW_TEXT)])
        await becomes(tab, lambda: bool(tab.outputs(0)))


async def test_a_cell_that_another_browser_moves_while_it_prints_takes_its_output_along(server: LabServer) -> None:
    async with notebook(server, SLOW, "'below'") as tab, opened(server, tab.path) as other:
        task = await running(tab)
        other.move_cell(tab.cell_ids()[0], 1)
        assert await task
        await shows(other, 1, [stdout(SLOW_TEXT)])
        await becomes(other, lambda: are_idle(other))


async def test_a_cell_that_is_deleted_while_it_prints_leaves_the_others_alone(server: LabServer) -> None:
    async with notebook(server, SLOW, "print('below')") as tab:
        task = await running(tab)
        heard = listen(tab)
        tab.delete_cell(tab.cell_ids()[0])
        await asyncio.gather(task, return_exceptions=True)
        await shows(tab, 0, [stdout("below\n")])
        assert len(tab.cell_ids()) == 1
        assert heard.outputs == []


async def test_a_cell_that_is_cut_and_pasted_while_it_prints_ends_with_all_of_its_output(server: LabServer) -> None:
    async with notebook(server, SLOW, "'below'") as tab, opened(server, tab.path) as other:
        cell_id = tab.cell_ids()[0]
        tab.start(cell_id)
        await becomes(tab, prints(tab, 0, "2\n"))
        tab.delete_cell(cell_id)
        await becomes(other, lambda: len(other.cell_ids()) == 1)
        tab.insert_cell(1, SLOW)
        with tab.room.edit():
            tab.room.ycells[1]["id"] = cell_id
        await becomes(other, lambda: other.cell_ids()[1:] == [cell_id])
        await shows(other, 1, [stdout(SLOW_TEXT)])


async def test_a_copy_that_is_pasted_while_the_original_prints_keeps_what_it_was_copied_with(server: LabServer) -> None:
    async with notebook(server, SLOW) as tab:
        task = await running(tab)
        tab.insert_cell(0, SLOW)
        assert await task
        await shows(tab, 1, [stdout(SLOW_TEXT)])
        assert tab.outputs(0) == []


async def test_cells_typed_above_while_it_prints_do_not_mislead_the_recorder(server: LabServer) -> None:
    async with notebook(server, SLOW) as tab, opened(server, tab.path) as other:
        task = await running(tab)
        for index in range(5):
            other.insert_cell(0, f"# {index}")
            await becomes(tab, lambda count=index + 2: len(tab.cell_ids()) == count)  # type: ignore[misc]
        assert await task
        await shows(tab, 5, [stdout(SLOW_TEXT)])
        assert [tab.outputs(index) for index in range(5)] == [[]] * 5


async def test_outputs_that_are_cleared_while_it_prints_stay_cleared_and_the_rest_follows(server: LabServer) -> None:
    async with notebook(server, SLOW) as tab, opened(server, tab.path) as other:
        task = await running(tab)
        with other.room.edit():
            other.room.cells()[0]["outputs"].clear()
        assert await task
        await becomes(tab, prints(tab, 0, "29\n"))
        (output,) = tab.outputs(0)
        assert SLOW_TEXT.endswith(output["text"])
        assert not output["text"].startswith("0\n")


async def test_a_notebook_that_is_renamed_while_it_prints_is_saved_under_its_new_name(server: LabServer) -> None:
    async with notebook(server, SLOW) as tab:
        task = await running(tab)
        new_path = f"renamed-{tab.path}"
        server.request(f"api/contents/{tab.path}", method="PATCH", body={"path": new_path})
        assert await task
        await shows(tab, 0, [stdout(SLOW_TEXT)])
        await tab.save()
        saved = nbformat.read(server.root_dir / new_path, 4)
        assert json.loads(json.dumps(saved.cells[0].outputs)) == [stdout(SLOW_TEXT)]
        assert not (server.root_dir / tab.path).exists()
