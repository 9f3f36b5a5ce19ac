"""One of the two systems that are measured, and the instruments on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.lab_client.room import Room
from jupyter_crdt_outputs.testing.server import LabServer

_REPOSITORY = Path(__file__).parents[1]
_USER = {"username": "joiner", "name": "Joiner", "display_name": "Joiner", "initials": "J"}
_TIMEOUT_S = 120.0
_HISTORY_POLL_S = 0.5
_MEMORY_POLL_S = 0.05

# Beside the notebooks, so that what makes the outputs is no part of a document that is measured.
_KERNEL_SIDE = Path(__file__).with_name("kernel_side.py")
PREPARE = "from kernel_side import *"


@dataclass
class Watch:
    """What the server did meanwhile. Filled in when :meth:`System.watch` ends.

    Attributes:
        cpu_ms: CPU time of the server process, all threads, kernels not counted.
        loop_cpu_ms: the part of it that ran on the event loop's thread.
        worst_stall_ms: the longest the event loop kept others waiting.
        memory_growth_bytes: of the server's resident memory, at its peak.
    """

    cpu_ms: float = 0.0
    loop_cpu_ms: float = 0.0
    worst_stall_ms: float = 0.0
    memory_growth_bytes: float = 0.0


@dataclass(frozen=True)
class Join:
    """What it took a further browser to have the document."""

    seconds: float
    received_bytes: int
    file_id: str


class System:
    """A running server, stock or with this extension. Works one after another; not for concurrent use."""

    def __init__(self, home: Path, *, with_us: bool) -> None:
        self.with_us = with_us
        self.server = LabServer(
            home,
            with_us=with_us,
            # Stock drops output that comes too fast, and with it the end that a measurement waits for.
            config={"ZMQChannelsWebsocketConnection": {"limit_rate": False}},
            extensions=["benchmarks.probe"],
            python_path=[_REPOSITORY],
        )
        self._notebooks = 0
        shutil.copy(_KERNEL_SIDE, self.server.root_dir)

    def write_notebook(self, cells: Sequence[dict[str, Any]], metadata: Mapping[str, Any] | None = None) -> str:
        """Write a notebook beside the others and return its path."""
        self._notebooks += 1
        path = f"work{self._notebooks}.ipynb"
        content = {"cells": list(cells), "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
        (self.server.root_dir / path).write_text(json.dumps(content))
        return path

    @contextlib.asynccontextmanager
    async def tab(self, path: str) -> AsyncIterator[LabClient]:
        """A browser tab on the notebook, with our lab extension where the server has ours."""
        async with LabClient.open(self.server, path, announce=self.with_us) as tab:
            yield tab

    @contextlib.asynccontextmanager
    async def watch(self) -> AsyncIterator[Watch]:
        """Measure the server while the body runs."""
        watch = Watch()
        process = self.server.process
        await asyncio.to_thread(self.server.request, "benchmarks/probe", method="DELETE")
        at_first = process.memory_info().rss

        async def follow_memory() -> None:
            while True:
                watch.memory_growth_bytes = max(watch.memory_growth_bytes, process.memory_info().rss - at_first)
                await asyncio.sleep(_MEMORY_POLL_S)

        following = asyncio.create_task(follow_memory())
        before = process.cpu_times()
        try:
            yield watch
        finally:
            following.cancel()
        after = process.cpu_times()
        answer = json.loads(await asyncio.to_thread(self.server.request, "benchmarks/probe"))
        watch.cpu_ms = 1000 * (after.user + after.system - before.user - before.system)
        watch.loop_cpu_ms = 1000 * answer["loop_cpu_s"]
        watch.worst_stall_ms = 1000 * answer["worst_stall_s"]

    async def join(self, path: str) -> Join:
        """Open the notebook's document in one more browser, kernel left out, and leave again."""
        room = Room(self.server, path)
        started = time.monotonic()
        await room.open(_USER)
        join = Join(time.monotonic() - started, room.wire.traffic.received_bytes, room.file_id)
        await room.close()
        return join

    async def history_bytes(self, file_id: str) -> int:
        """What the document's history takes in the database of collaboration, once all of it is written."""
        before, now = -1, await asyncio.to_thread(self._history_bytes, file_id)
        while now != before:
            await asyncio.sleep(_HISTORY_POLL_S)
            before, now = now, await asyncio.to_thread(self._history_bytes, file_id)
        return now

    def _history_bytes(self, file_id: str) -> int:
        with contextlib.closing(sqlite3.connect(f"file:{self.server.ystore_path}?mode=ro", uri=True)) as database:
            total = 0
            for table, column in (("yupdates", "yupdate"), ("ycheckpoints", "checkpoint")):
                query = f"SELECT COALESCE(SUM(LENGTH({column})), 0) FROM {table} WHERE path LIKE ?"  # noqa: S608
                total += database.execute(query, (f"%{file_id}%",)).fetchone()[0]
        return total

    def artifacts(self) -> int:
        """How many artifacts the store holds; 0 in stock."""
        store = self.server.data_dir / "crdt-outputs"
        return sum(1 for path in store.rglob("*") if path.is_file() and len(path.name) == 64)


def code(source: str, outputs: Sequence[dict[str, Any]] = (), number: int = 0) -> dict[str, Any]:
    """A code cell."""
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {},
        "source": source,
        "outputs": list(outputs),
        "execution_count": None,
    }


async def complete(tab: LabClient, cell: int, outputs: int = 1) -> None:
    """Wait until the tab has the cell's outputs and the cell is idle."""

    def there() -> bool:
        return len(tab.room.cells()[cell]["outputs"]) >= outputs and tab.states()[cell][0] == "idle"

    await tab.wait_until(there, timeout_s=_TIMEOUT_S)
