"""Kernels that drop what they publish: nothing is lost in silence, and no cell runs for ever."""

from __future__ import annotations

import asyncio
import re

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import are_idle, becomes, notebook, stdout

SKIP_300 = """
print("before", flush=True)
get_ipython().kernel.session.message_count += 300
print("after", flush=True)
"""

DROP_THE_END = """
print("before", flush=True)
kernel = get_ipython().kernel
publish = kernel._publish_status
def drop(status, *arguments, **more):
    kernel._publish_status = publish
    kernel.session.message_count += 300
kernel._publish_status = drop
"""

SLOW = """
import time
kernel = get_ipython().kernel
kernel.iopub_thread.schedule(lambda: time.sleep(9))
print("late", flush=False)
"""
"""A thread that publishes and hangs, as it does while it sends a gigabyte."""


async def test_a_cell_says_how_many_messages_its_kernel_dropped(server: LabServer) -> None:
    async with notebook(server, SKIP_300, "print('whole')") as tab:
        await tab.run_cells(tab.cell_ids())
        await becomes(tab, lambda: len(tab.outputs(0)) == 2 and len(tab.outputs(1)) == 1)
        printed, mark = tab.outputs(0)
        assert printed == stdout("before\nafter\n")
        assert mark["name"] == "stderr"
        assert re.search(r"About (299|30[0-2]) messages of this cell are missing", mark["text"])
        assert tab.outputs(1) == [stdout("whole\n")]


async def test_a_cell_that_asks_and_shows_a_lot_has_lost_nothing(server: LabServer) -> None:
    """Numbers are used for what is not published too: for questions and replies."""
    asking = "for number in range(80): print(input('?'), flush=True)"
    async with notebook(server, asking) as tab:
        tab.answer = lambda prompt: "x"
        await tab.run_cells(tab.cell_ids())
        assert not [output for output in tab.outputs(0) if "missing" in output.get("text", "")]


async def test_a_cell_ends_everywhere_although_its_kernel_dropped_the_word_of_it(server: LabServer) -> None:
    async with notebook(server, DROP_THE_END) as tab:
        await tab.run_cells(tab.cell_ids())
        await becomes(tab, lambda: are_idle(tab))
        printed, mark = tab.outputs(0)
        assert printed == stdout("before\n")
        assert mark["name"] == "stderr"
        assert "of this cell are missing" in mark["text"]


async def test_an_end_that_takes_long_is_waited_for(server: LabServer) -> None:
    async with notebook(server, SLOW) as tab:
        await tab.run_cells(tab.cell_ids())
        await becomes(tab, lambda: bool(tab.outputs(0)))
        await asyncio.sleep(1)
        assert tab.outputs(0) == [stdout("late\n")]
