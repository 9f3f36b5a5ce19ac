"""A real server as a member of its store: what it reaches stays, what nobody reaches goes, and the quota is kept."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.collection.marks import marks_of
from jupyter_crdt_outputs.store.collection.members import members_of
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.testing.server import LabServer

from .notices import notices
from .tabs import WAIT_S, becomes, is_stored, notebook, opened, plain, write_notebook

LONG_AGO = 1e9
DISPLAY = "from IPython.display import display\ndisplay({'text/plain': %r * %d}, raw=True)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    config = {"CrdtOutputsApp": {"collect_every_h": 0.001, "quota_bytes": 1 << 20}}
    with LabServer(tmp_path_factory.mktemp("housekeeping"), config=config) as running:
        yield running


@pytest.fixture
def store(server: LabServer) -> Path:
    return server.data_dir / "crdt-outputs"


def make_old(store: Path, digest: Digest) -> Path:
    path = store / key_of(digest)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def test_what_an_open_notebook_shows_stays_and_what_nobody_shows_goes_to_the_trash(
    server: LabServer, store: Path
) -> None:
    shown, garbage = Digest.of(b"s" * 100_000), open_store(str(store)).put(b"nobody shows this")
    async with notebook(server, DISPLAY % ("s", 100_000)) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_stored(tab.outputs(0)))
        path = make_old(store, shown)
        await until(lambda: path.stat().st_mtime != LONG_AGO)  # touched when the notebook is saved
        for digest in (shown, garbage):
            make_old(store, digest)
        await until(lambda: (store / key_of(garbage, Area.TRASH)).exists())
        assert path.stat().st_mtime == LONG_AGO, "it is the mark that keeps it"
    blobs = open_store(str(store)).blobs
    (member,) = members_of(blobs.records)
    assert (member.root_dir, member.history) == (str(server.root_dir), str(server.ystore_path))
    assert {mark.member for mark in marks_of(blobs.records)} == {member.id}


async def test_a_notebook_that_is_opened_makes_young_what_it_refers_to(server: LabServer, store: Path) -> None:
    digest = open_store(str(store)).put(b"of a file with references")
    path = make_old(store, digest)
    part = {"sha256": digest.hex, "size": 25, "encoding": "utf-8"}
    output = plain("display_data", "…")
    output["data"][REFERENCE_MIME_TYPE] = {"kind": "bundle", "parts": {"text/html": part}}
    name = write_notebook(server, ["1"])
    content = nbformat.read(server.root_dir / name, 4)
    content.cells[0].outputs = [nbformat.from_dict(output)]
    nbformat.write(content, server.root_dir / name)
    async with opened(server, name):
        await until(lambda: path.stat().st_mtime > time.time() - 3600)


async def test_beyond_the_quota_outputs_stay_in_the_notebook_and_users_are_warned_before(server: LabServer) -> None:
    async with notices(server) as told, notebook(server, DISPLAY % ("a", 900_000), DISPLAY % ("b", 300_000)) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_stored(tab.outputs(0)))
        await becomes(tab, lambda: tab.outputs(1) == [plain("display_data", "b" * 300_000)])
        assert await told.first() == "store-nearly-full"
