"""Which outputs are stale, asked over HTTP of a real server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.runs import Runs, new_runs
from ..kernel.tabs import opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with LabServer(tmp_path_factory.mktemp("freshness")) as running:
        yield running


@contextlib.asynccontextmanager
async def notebook(server: LabServer, *sources: str) -> AsyncIterator[Runs]:
    runs = new_runs(server, sources)
    try:
        yield runs
    finally:
        await runs.shut_down()


async def freshness(runs: Runs) -> dict[str, Any]:
    async with httpx.AsyncClient(headers=runs.server.headers, trust_env=False, timeout=60) as http:
        answer = await http.get(f"{runs.server.url}api/crdt-outputs/freshness", params={"path": runs.path})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def stale(runs: Runs) -> list[Any]:
    return [each["stale"] for each in (await freshness(runs))["cells"]]


async def test_a_cell_is_stale_when_it_was_edited_and_so_is_what_reads_from_it(server: LabServer) -> None:
    async with notebook(server, "x = 1", "print(x)", "2") as runs, opened(server, runs.path) as tab:
        assert await stale(runs) == [None] * 3
        told = await runs.run()
        found = await freshness(runs)
        assert [each["execution"]["id"] for each in found["cells"]] == [each["id"] for each in told]
        assert [each["stale"] for each in found["cells"]] == [None] * 3
        text = tab.room.cells()[0]["source"]
        text += "0"
        async with asyncio.timeout(30):
            while (await stale(runs))[:2] != ["edited", "upstream"]:  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.05)
        found = await freshness(runs)
        assert found["cells"][1]["because"] == [found["cells"][0]["cell"]]
