"""Kernels that drop what they publish: nothing is lost in silence, and no cell runs for ever."""

from __future__ import annotations

import re

from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import are_idle, becomes, notebook, stderr, stdout

SKIP_300 = """
print("before", flush=True)
get_ipython().kernel.session.message_count += 300
print("after", flush=True)
"""

DROP_ALL = """
import zmq
from IPython.display import display
print("before", flush=True)
iopub = get_ipython().kernel.iopub_thread
iopub.schedule(lambda: iopub.socket.set(zmq.SNDHWM, 1))
for number in range(2000):
    display({"text/plain": f"{number}"}, raw=True)
"""
"""A queue for one message is full for good, since libzmq says that there is room again only after 500."""


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
    async with notebook(server, DROP_ALL) as tab:
        await tab.run_cells(tab.cell_ids())
        await becomes(tab, lambda: are_idle(tab))
        printed, *shown, mark = tab.outputs(0)
        assert printed == stdout("before\n")
        assert len(shown) < 10
        assert mark["text"].startswith("\n[About 2,0") or mark["text"].startswith("\n[About 1,9")
        assert mark == stderr(mark["text"])
