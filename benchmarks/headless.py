"""Measure cells that are run over HTTP: against a bare client and nbclient, and what recording them costs."""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from jupyter_events import EventLogger
from nbclient import NotebookClient

from jupyter_crdt_outputs.kernel.messages import Message
from jupyter_crdt_outputs.kernel.records import Ledger, new_id, now
from jupyter_crdt_outputs.model.executions import ExecutionRecord, source_digest
from jupyter_crdt_outputs.store.history import History
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.web.execution_events import ExecutionEvents

from .bare import bare_client
from .compare import Comparison, table
from .latency import Arrivals
from .system import System, code

_TIMES = 100
_CELLS = 200
_RECORDS = 5_000
_PAUSE_S = 0.02
_BATCHES = 4
"""In each round: one takes a second, and the ratios of single ones lie between 1 and 1.6."""


class _InOnePiece(http.client.HTTPConnection):
    """Sends the head of a request and its body together, as curl does. Apart, the head wakes the server for nothing."""

    _held: list[bytes] | None = None

    def request(self, *args: Any, **options: Any) -> None:
        self._held = []
        super().request(*args, **options)
        pieces, self._held = self._held, None
        self.send(b"".join(pieces))

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class Endpoint:
    """One connection that is kept, for one notebook. Blocks.

    Args:
        system: whose server is asked.
        path: of the notebook.
        is_lean: send each request in one piece, and with the cookie that the first was answered with. Else it goes in
            two, as ``http.client`` does it, and the server makes up a user and signs a cookie for him each time.
    """

    def __init__(self, system: System, path: str, *, is_lean: bool = False) -> None:
        address = urlsplit(system.server.url)
        connect = _InOnePiece if is_lean else http.client.HTTPConnection
        self._connection = connect(address.hostname or "", address.port, timeout=600)
        self._headers = {**system.server.headers, "Content-Type": "application/json"}
        self._keeps_cookies = is_lean
        self._path = path

    def run(self, cells: object = "all") -> tuple[float, list[dict[str, Any]]]:
        """Run cells; returns the seconds until the answer, and the executions."""
        body = json.dumps({"path": self._path, "cells": cells})
        started = time.monotonic()
        self._connection.request("POST", "/api/crdt-outputs/executions?wait_s=60", body, self._headers)
        answer = self._connection.getresponse()
        told = json.loads(answer.read())
        took = time.monotonic() - started
        if self._keeps_cookies and "Set-Cookie" in answer.headers:
            self._headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {told}")
        return took, told["executions"]


async def one_plus_one(system: System, rounds: int) -> tuple[list[Comparison], list[float]]:
    """What the kernel takes with no server between, and ours; with nobody there, and with a browser that watches.

    A browser that watches has a connection to the kernel, too, and the server and the machine work for that in either
    case.
    """
    path = system.write_notebook([code("1+1")])
    endpoint, lean = Endpoint(system, path), Endpoint(system, path, is_lean=True)
    _, (first,) = endpoint.run()
    alone: list[float] = []
    alone_lean: list[float] = []
    watched: list[float] = []
    seen: list[float] = []
    bare: list[float] = []
    bare_watched: list[float] = []

    async with bare_client(system, first["kernel"]) as run:

        async def run_bare(into: list[float]) -> None:
            for _ in range(_TIMES):
                into.append(1000 * await run("1+1"))
                await asyncio.sleep(_PAUSE_S)

        for _ in range(rounds):
            for _ in range(_TIMES):
                for times, client in ((alone, endpoint), (alone_lean, lean)):
                    times.append(1000 * (await asyncio.to_thread(client.run))[0])
                    await asyncio.sleep(_PAUSE_S)
                bare.append(1000 * await run("1+1"))
                await asyncio.sleep(_PAUSE_S)
        async with system.tab(path) as tab:
            arrivals = Arrivals(tab)
            for _ in range(rounds):
                for _ in range(_TIMES):
                    started = time.monotonic()
                    took, (told,) = await asyncio.to_thread(endpoint.run)
                    watched.append(1000 * took)
                    seen.append(1000 * (await arrivals.of(told["execution_count"]) - started))
                    await asyncio.sleep(_PAUSE_S)
                await run_bare(bare_watched)
            await tab.shut_down_kernel()
    needed = statistics.median(bare)
    return [
        Comparison("1+1, nobody there", alone, bare, "bare jupyter_client", "ms", at_most=1.2),
        Comparison("the same, request in one piece", alone_lean, bare, "bare jupyter_client", "ms", at_most=1.2),
        Comparison("1+1, a browser watches", watched, bare_watched, "bare, a browser watches", "ms", at_most=1.2),
        Comparison("seen by it after the kernel was done", [each - needed for each in seen], [20.0], "target", "ms", 1),
    ], bare


async def many_cells(system: System, rounds: int) -> Comparison:
    """A batch, and the same notebook in nbclient, each on a kernel that has been started."""
    cells = [f"x = {number}\nx + 1" for number in range(_CELLS)]
    endpoint = Endpoint(system, system.write_notebook([code(cell) for cell in cells]))
    endpoint.run({"index": 0})
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(_BATCHES * rounds):
        ours.append(1000 * (await asyncio.to_thread(endpoint.run))[0])
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        client = NotebookClient(notebook, kernel_name="python3")
        async with client.async_setup_kernel():
            await client.async_execute_cell(notebook.cells[0], 0)
            started = time.monotonic()
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index)
            theirs.append(1000 * (time.monotonic() - started))
    return Comparison(f"{_CELLS} cells in one batch", ours, theirs, "nbclient", "ms", at_most=1.1)


async def recording(rounds: int, scratch: Path, bare: list[float], *, is_heard: bool) -> Comparison:
    """CPU time of all that is done for a record, by all threads, against two hundredths of an execution."""
    logger = EventLogger()
    if is_heard:
        logger.register_handler(logging.NullHandler())
    history = History(lambda: open_blobs(str(scratch / "store")).records, scratch / "tail", 20_000, 1e9, logger.log)
    history.start()
    ledger = Ledger(history.put, ExecutionEvents(logger).ended, keeps_sources=False)
    begun = Message("execute_input", "", "", "", b"{}", b'{"code": "1+1", "execution_count": 7}')
    reply = Message("execute_reply", "", "", "", b"{}", b'{"status": "ok", "execution_count": 7, "payload": []}')

    async def record() -> None:
        asked = ExecutionRecord(
            id=new_id(),
            run=None,
            parent=None,
            cell="0123abcd",
            path="a/notebook.ipynb",
            file_id="0" * 36,
            kernel="0" * 36,
            kernel_name="python3",
            language="python",
            user="somebody",
            via="browser",
            queued_at=now(),
        )
        live = ledger.add(asked)
        live.sent(source_digest("1+1").hex, ledger.source("1+1"))
        live.heard(begun)
        live.replied(reply)
        live.outputs_ended([], kernel_is_gone=False)
        await asyncio.sleep(0)

    costs = []
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(_RECORDS):
            await record()
        costs.append(1000 * (time.process_time() - started) / _RECORDS)
    await asyncio.to_thread(history.stop)
    name = "a record" + (", and an event that is heard" if is_heard else "")
    return Comparison(name, costs, [statistics.median(bare)], "1+1, bare", "ms", at_most=0.02)


async def run(rounds: int, scratch: Path) -> None:
    """Measure all."""
    (scratch / "home").mkdir()
    system = System(scratch / "home", with_us=True)
    with system.server:
        rows, bare = await one_plus_one(system, rounds)
        rows.append(await many_cells(system, rounds))
    for is_heard in (False, True):
        rows.append(await recording(rounds, scratch / str(is_heard), bare, is_heard=is_heard))
    print(table(rows))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.headless", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        asyncio.run(run(options.rounds, Path(scratch)))


if __name__ == "__main__":
    main()
