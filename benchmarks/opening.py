"""Opening large notebooks: again, when nobody has changed them, and for the first time."""

from __future__ import annotations

import asyncio
import base64
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from jupyter_crdt_outputs.testing.lab_client.room import Room

from .system import System, code
from .work import STALL, Row, Work

_USER = {"username": "opener", "name": "Opener", "display_name": "Opener", "initials": "O"}
_PICTURE_BYTES = 750_000  # a megabyte in base64
_TIMEOUT_S = 600.0  # stock takes a minute on a busy machine
_REMEMBERED_S = 5.0
_POLL_S = 0.01


def _notebook(count: int, seed: int) -> Any:
    draw = random.Random(seed)
    pictures = (base64.b64encode(b"\x89PNG\r\n\x1a\n" + draw.randbytes(_PICTURE_BYTES)).decode() for _ in range(count))
    cells = [
        code("#", [{"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}], number)
        for number, picture in enumerate(pictures)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    return nbformat.from_dict({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def _write(path: Path, notebook: Any) -> None:
    """As Jupyter does."""
    nbformat.write(notebook, path)


class _Page:
    """A page that opens a notebook, its kernel left out."""

    def __init__(self, system: System, path: str) -> None:
        self._room = Room(system.server, path)
        self._announces = system.with_us

    async def __aenter__(self) -> _Page:
        self._started = time.monotonic()
        await self._room.open(_USER)
        self.opened_ms = self._since()
        if self._announces:
            state = {"autosave": True, "user": _USER, "crdtOutputs": {"kernelClient": "of-nobody"}}
            self._room.awareness.set_local_state(state)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._room.close()

    async def complete(self) -> float:
        """Wait for the outputs of all cells; milliseconds since the page began to open the notebook."""
        async with asyncio.timeout(_TIMEOUT_S):
            while not all(len(cell["outputs"]) for cell in self._room.cells()):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)
        return self._since()

    def cells(self) -> Sequence[Mapping[str, Any]]:
        """As they are in the document."""
        return [cell.to_py() or {} for cell in self._room.cells()]

    async def edit(self) -> None:
        """Type something into the first cell."""
        with self._room.edit():
            source = self._room.cells()[0]["source"]
            source += "!"

    def _since(self) -> float:
        return 1000 * (time.monotonic() - self._started)


async def _saved(system: System, path: str) -> Path:
    """Open a notebook, edit it, and wait until it is saved."""
    file = system.server.root_dir / path
    async with _Page(system, path) as page:
        await page.complete()
        before = file.stat().st_mtime_ns
        await page.edit()
        async with asyncio.timeout(_TIMEOUT_S):
            while file.stat().st_mtime_ns == before:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await asyncio.sleep(_REMEMBERED_S)
    return file


async def again(system: System, round_: int) -> Mapping[str, float]:
    """Open a notebook of 100 MB that was saved here, in a new server."""
    _write(system.server.root_dir / "a.ipynb", _notebook(100, round_))
    await _saved(system, "a.ipynb")
    await asyncio.to_thread(system.server.restart)
    async with system.watch() as watch, _Page(system, "a.ipynb") as page:
        opened_ms = await page.complete()
    return {"until a page has it": opened_ms, STALL.measure: watch.worst_stall_ms}


async def again_with_references(system: System, round_: int) -> Mapping[str, float]:
    """The same notebook; with us, its file has references."""
    file = system.server.root_dir / "a.ipynb"
    _write(file, _notebook(100, round_))
    async with _Page(system, "a.ipynb") as page:
        await page.complete()
        cells = page.cells()
    if system.with_us:
        await asyncio.to_thread(system.server.stop)
        notebook = nbformat.read(file, 4)
        notebook["metadata"]["crdt-outputs"] = {"file_max_bytes": 4096}
        for cell, in_document in zip(notebook["cells"], cells, strict=True):
            cell["outputs"] = [nbformat.from_dict(output) for output in in_document["outputs"]]
        _write(file, notebook)
    await _opened_once(system)
    await asyncio.to_thread(system.server.restart)
    async with system.watch() as watch, _Page(system, "a.ipynb") as page:
        opened_ms = await page.complete()
    return {"until a page has it": opened_ms, STALL.measure: watch.worst_stall_ms}


async def _opened_once(system: System) -> None:
    """Have a history of what the file is now."""
    await asyncio.to_thread(system.server.restart)
    async with _Page(system, "a.ipynb") as page:
        await page.complete()
        await asyncio.sleep(_REMEMBERED_S)


async def first(system: System, round_: int) -> Mapping[str, float]:
    """Open a notebook of 500 MB that was never opened."""
    file = system.server.root_dir / "a.ipynb"
    await asyncio.to_thread(lambda: _write(file, _notebook(500, round_)))
    async with system.watch() as watch:
        base = system.server.process.memory_info().rss
        async with _Page(system, "a.ipynb") as page:
            opened_ms = page.opened_ms
            complete_ms = await page.complete()
    return {
        "until code cells are usable": opened_ms,
        "until all outputs are there": complete_ms,
        "peak server memory": (base + watch.memory_growth_bytes) / file.stat().st_size,
        STALL.measure: watch.worst_stall_ms,
    }


WORKS = (
    Work(
        "open an unchanged 100 MB notebook again",
        again,
        (Row("until a page has it", "ms", at_most_ratio=0.25), STALL),
        fresh_server=True,
    ),
    Work(
        "open a 100 MB notebook again whose file has references",
        again_with_references,
        (Row("until a page has it", "ms", at_most_ratio=0.05), STALL),
        fresh_server=True,
    ),
    Work(
        "open a 500 MB foreign notebook",
        first,
        (
            Row("until code cells are usable", "ms", at_most_ratio=0.1),
            Row("until all outputs are there", "ms"),
            Row("peak server memory", "of the file", at_most=1.5),
            STALL,
        ),
        fresh_server=True,
    ),
)
