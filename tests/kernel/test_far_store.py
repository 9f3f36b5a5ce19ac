"""A bucket that goes away for a while, and a user who does not notice."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from ..moto_server import MotoServer, files, moto_bucket
from .tabs import WAIT_S, becomes, is_stored, notebook, opened, plain, saves

BUCKET = "team-bucket"


def display(letter: str) -> str:
    return f"from IPython.display import display\ndisplay({{'text/plain': '{letter}' * 300_000}}, raw=True)"


def shown(letter: str) -> list[dict[str, object]]:
    return [plain("display_data", letter * 300_000)]


@pytest.fixture
def bucket() -> Iterator[MotoServer]:
    with moto_bucket(BUCKET) as running:
        yield running


@pytest.fixture
def team(bucket: MotoServer, tmp_path: Path) -> Iterator[LabServer]:
    with LabServer(tmp_path, config={"CrdtOutputsApp": {"store_url": f"s3://{BUCKET}/outputs"}}) as running:
        yield running


def digest_of(tab: LabClient, index: int) -> str:
    [part] = tab.outputs(index)[0]["data"][REFERENCE_MIME_TYPE]["parts"].values()
    return str(part["sha256"])


def told(server: LabServer) -> Any:
    """What a page is told of the store."""
    return json.loads(server.request("api/crdt-outputs/store?digests=1"))


def in_bucket() -> set[str]:
    return {path.rpartition("/")[2] for path in files().find(f"{BUCKET}/outputs/sha256")}


async def arrives(digest: str) -> None:
    deadline = time.monotonic() + 2 * WAIT_S
    while digest not in await asyncio.to_thread(in_bucket):
        assert time.monotonic() < deadline, "never uploaded"
        await asyncio.sleep(0.2)


async def test_a_bucket_that_swallows_packets_is_felt_by_nobody_and_gets_everything_when_it_is_back(
    team: LabServer, bucket: MotoServer
) -> None:
    async with notebook(team, display("x"), display("y"), display("z")) as tab:
        cells = tab.cell_ids()
        assert await tab.run_cells(cells[:1])
        await becomes(tab, lambda: is_stored(tab.outputs(0)))
        await arrives(digest_of(tab, 0))
        bucket.freeze()
        assert await tab.run_cells(cells[1:2])
        await becomes(tab, lambda: is_stored(tab.outputs(1)))
        assert team.request(f"api/crdt-outputs/artifacts/{digest_of(tab, 1)}") == b"y" * 300_000
        assert told(team)["digests"] == [digest_of(tab, 1)]
        await saves(tab, [shown("x"), shown("y"), []])
        waiting = digest_of(tab, 1)
        await tab.shut_down_kernel()
    team.kill()
    team.start()
    async with opened(team, tab.path) as tab:  # its file is complete, so what is not in the cache comes from there
        assert is_stored(tab.outputs(1))
        assert team.request(f"api/crdt-outputs/artifacts/{waiting}") == b"y" * 300_000
        assert await tab.run_cells(tab.cell_ids()[2:])
        await becomes(tab, lambda: is_stored(tab.outputs(2)))
        bucket.thaw()
        await arrives(waiting)
        await arrives(digest_of(tab, 2))
        await becomes(tab, lambda: told(team)["waiting"] == 0)
        await saves(tab, [shown("x"), shown("y"), shown("z")])
        await tab.shut_down_kernel()
