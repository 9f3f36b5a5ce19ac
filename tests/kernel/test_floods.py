"""Several cells of several notebooks that print and show at full speed, all at once."""

from __future__ import annotations

import asyncio
import os
from functools import partial

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import Output, are_idle, becomes, notebook, readable, saves, stderr, stdout

SCALE = 10 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 1

LINES = 30_000 * SCALE
SHOWN = 900 if SCALE > 1 else 200  # a kernel may drop what is beyond a thousand

PRINTS = f"for i in range({LINES}): print('line', i)"
WARNS = f"import sys\nfor i in range({LINES}): print('warning', i, file=sys.stderr)"
SHOWS = f"""
from IPython.display import display
for i in range({SHOWN}): display({{"text/plain": f"{{i}} " * 3000}}, raw=True)
"""


def shown() -> list[Output]:
    return [
        {"output_type": "display_data", "data": {"text/plain": f"{i} " * 3000}, "metadata": {}} for i in range(SHOWN)
    ]


def printed(word: str) -> str:
    return "".join(f"{word} {i}\n" for i in range(LINES))


async def is_prompt(tab: LabClient, until: asyncio.Future[object]) -> list[float]:
    """How long somebody else waits for a line meanwhile, in seconds."""
    waited = []
    while not until.done():
        started = asyncio.get_running_loop().time()
        await tab.run_cells(tab.cell_ids())
        waited.append(asyncio.get_running_loop().time() - started)
        await asyncio.sleep(0.1)
    return waited


async def test_notebooks_that_flood_the_server_together_are_each_whole_and_in_order(server: LabServer) -> None:
    async with (
        notebook(server, PRINTS, SHOWS) as first,
        notebook(server, WARNS, PRINTS) as second,
        notebook(server, SHOWS, WARNS) as third,
        notebook(server, "print('quick')") as other,
    ):
        floods = [first, second, third]
        over: asyncio.Future[object] = asyncio.ensure_future(asyncio.gather(*(tab.run_all() for tab in floods)))
        waited = await is_prompt(other, over)
        assert len(waited) > 1, "nobody else ran anything meanwhile: the test shows nothing"
        for tab in floods:
            await becomes(tab, partial(are_idle, tab))
        await saves(first, [[stdout(printed("line"))], shown()])
        await saves(second, [[stderr(printed("warning"))], [stdout(printed("line"))]])
        await saves(third, [shown(), [stderr(printed("warning"))]])
        assert readable(server, other.outputs(0)) == [stdout("quick\n")]
