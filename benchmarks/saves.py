"""Notebooks that are large and edited a little, and such as grow while they are saved."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pycrdt import Map

from jupyter_crdt_outputs.testing.lab_client import LabClient

from .system import System, code
from .work import Row, Work

_SAVE_DELAY_S = 1.0
_PICTURES = 100
_PICTURE_BYTES = 750_000  # a megabyte in base64
_EDITS = 3
_RUNS = 20
_RUN_EVERY_S = 2.0
_TIMEOUT_S = 120.0
_SHOW = (
    "import base64, os\nfrom IPython.display import display\n"
    f"display({{'image/png': base64.b64encode(os.urandom({_PICTURE_BYTES})).decode()}}, raw=True)"
)

_KEPT_OUT = {"crdt-outputs": {"file_max_bytes": 100_000}}
"""In a notebook's metadata, which stock passes over."""


@dataclass
class _Written:
    bytes: float = 0.0


@contextlib.asynccontextmanager
async def _counting(system: System) -> AsyncIterator[_Written]:
    """What the server wrote to files meanwhile."""
    written = _Written()
    before = system.server.process.io_counters().write_bytes
    yield written
    written.bytes = system.server.process.io_counters().write_bytes - before


def _picture(number: int) -> dict[str, object]:
    data = base64.b64encode(os.urandom(_PICTURE_BYTES)).decode()
    return {"output_type": "display_data", "data": {"image/png": data}, "metadata": {"number": number}}


async def _saved(tab: LabClient, change: Callable[[], None]) -> float:
    """Make a change; seconds until the document knows the hash of the file that has it."""
    state = tab.room.doc.get("state", type=Map)
    before = state.get("hash")
    started = time.monotonic()
    change()
    await tab.wait_until(lambda: state.get("hash") != before, timeout_s=_TIMEOUT_S)
    return time.monotonic() - started


async def edited(system: System, _round: int, metadata: Mapping[str, object] | None = None) -> Mapping[str, float]:
    """Type a character into a notebook of 100 MB, in its first, middle and last cell."""
    cells = [code("#", [_picture(number)], number) for number in range(_PICTURES)]
    path = system.write_notebook(cells, metadata)
    taken = []
    async with system.tab(path) as tab:
        ids = tab.cell_ids()
        await _saved(tab, lambda: tab.set_source(ids[0], "# first"))  # nothing is known of the file before
        async with system.watch() as watch, _counting(system) as written:
            for cell in (ids[0], ids[_PICTURES // 2], ids[-1]):
                taken.append(await _saved(tab, lambda cell=cell: tab.set_source(cell, "##")))  # type: ignore[misc]
        await tab.shut_down_kernel()
    return {
        "saved, beyond the save delay": 1000 * (sum(taken) / len(taken) - _SAVE_DELAY_S),
        "worst event-loop stall": watch.worst_stall_ms,
        "written": written.bytes / _EDITS,
    }


async def grown(system: System, _round: int, metadata: Mapping[str, object] | None = None) -> Mapping[str, float]:
    """Run 20 cells of 1 MB each, one every two seconds, and let the server save."""
    path = system.write_notebook([code(_SHOW, [], number) for number in range(_RUNS)], metadata)
    async with system.tab(path) as tab:
        async with system.watch() as watch, _counting(system) as written:
            for cell in tab.cell_ids():
                await tab.run_cells([cell])
                await asyncio.sleep(_RUN_EVERY_S)
            await tab.save()
        await tab.shut_down_kernel()
    return {"written": written.bytes, "worst event-loop stall": watch.worst_stall_ms}


WORKS = (
    Work(
        "one character in a notebook of 100 MB",
        edited,
        (
            Row("saved, beyond the save delay", "ms", at_most_ratio=0.3),
            Row("worst event-loop stall", "ms", at_most=10, worst=True),
            Row("written", "B", at_most_ratio=0.55),
        ),
        fresh_server=True,
    ),
    Work(
        "20 cells of 1 MB, one every 2 s",
        grown,
        (Row("written", "B", at_most_ratio=0.25), Row("worst event-loop stall", "ms", worst=True)),
        fresh_server=True,
    ),
    Work(
        "one character in a notebook of 100 MB, references in its file",
        partial(edited, metadata=_KEPT_OUT),
        (
            Row("saved, beyond the save delay", "ms", at_most_ratio=0.02),
            Row("worst event-loop stall", "ms", at_most=10, worst=True),
            Row("written", "B", at_most_ratio=0.02),
        ),
        fresh_server=True,
    ),
    Work(
        "20 cells of 1 MB, one every 2 s, references in the file",
        partial(grown, metadata=_KEPT_OUT),
        (Row("written", "B", at_most_ratio=0.05), Row("worst event-loop stall", "ms", worst=True)),
        fresh_server=True,
    ),
)
