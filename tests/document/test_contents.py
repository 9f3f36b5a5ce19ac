"""Saving an open notebook, as everybody who looks at the file and the server sees it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from pycrdt import Map

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .. import small_disks
from ..kernel.notices import notices
from ..kernel.tabs import becomes, is_stored, notebook, plain, saves

BIG = "from IPython.display import display\ndisplay({'text/plain': 'x' * 300_000}, raw=True)"
WHEN = {"pre": "before", "post": "after"}
SHOWN = [plain("display_data", "x" * 300_000)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with LabServer(tmp_path_factory.mktemp("server")) as running:
        yield running


def file_of(tab: LabClient) -> Path:
    return tab.server.root_dir / tab.path


async def with_output(tab: LabClient) -> None:
    assert await tab.run_cells(tab.cell_ids()[:1])
    await becomes(tab, lambda: is_stored(tab.outputs(0)))
    await saves(tab, [SHOWN, *([] for _ in tab.cell_ids()[1:])])


async def test_whoever_reads_the_file_while_it_is_saved_reads_a_whole_notebook(server: LabServer) -> None:
    async with notebook(server, BIG, "") as tab:
        await with_output(tab)
        file, reading, inodes = file_of(tab), True, set()

        def read_on() -> int:
            times = 0
            while reading:
                json.loads(file.read_bytes())
                inodes.add(file.stat().st_ino)
                times += 1
            return times

        reader = asyncio.create_task(asyncio.to_thread(read_on))
        for number in range(20):
            tab.set_source(tab.cell_ids()[1], f"# {number}")
            await tab.save()
        reading = False
        assert await reader > 20
        assert len(inodes) > 1, "the file was written in place"


async def test_the_document_knows_the_hash_of_its_file_and_the_first_save_makes_a_checkpoint(server: LabServer) -> None:
    async with notebook(server, BIG) as tab:
        await with_output(tab)
        hash_ = hashlib.sha256(file_of(tab).read_bytes()).hexdigest()
        state = tab.room.doc.get("state", type=Map)
        await tab.wait_until(lambda: state.get("hash") == hash_)
        model = json.loads(server.request(f"api/contents/{tab.path}?content=0&hash=1"))
        assert model["hash"] == hash_
        assert json.loads(server.request(f"api/contents/{tab.path}/checkpoints"))


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_notebook_is_trusted_when_it_is_opened_again_if_its_cells_were(
    server: LabServer, trusted: bool
) -> None:
    async with notebook(server, BIG) as tab:
        await with_output(tab)
        with tab.room.edit():
            tab.cell(tab.cell_ids()[0])["metadata"].update({"trusted": trusted, "edited": True})
        await tab.save()
        assert '"edited": true' in file_of(tab).read_text()
    with NotebookNotary(data_dir=str(server.data_dir)) as notary:
        assert notary.check_signature(nbformat.read(file_of(tab), 4)) == trusted


async def test_a_change_that_somebody_makes_to_the_file_between_two_saves_is_taken_over(server: LabServer) -> None:
    async with notebook(server, BIG, "") as tab:
        await with_output(tab)
        content = json.loads(file_of(tab).read_text())
        content["cells"][1]["source"] = ["# from outside"]
        file_of(tab).write_text(json.dumps(content))
        await tab.wait_until(lambda: str(tab.room.cells()[1]["source"]) == "# from outside")
        await saves(tab, [SHOWN, []])


async def test_a_hook_before_saving_is_shown_the_complete_notebook_and_one_after_it_the_file(tmp_path: Path) -> None:
    hooks = {
        "pre_save_hook": "tests.document.saving_hooks.before",
        "post_save_hook": "tests.document.saving_hooks.after",
    }
    with LabServer(tmp_path, config={"FileContentsManager": hooks}, python_path=[Path(__file__).parents[2]]) as server:
        async with notebook(server, BIG) as tab:
            await with_output(tab)
            shown = json.loads((server.root_dir / f"{tab.path}.before").read_text())
            assert shown["cells"][0]["outputs"] == SHOWN
            assert file_of(tab).stat().st_size > 300_000
            assert (server.root_dir / f"{tab.path}.after").exists()


@pytest.mark.parametrize(
    "manager",
    [
        "tests.document.other_contents.OtherContents",
        "jupyter_server.services.contents.largefilemanager.LargeFileManager",
    ],
)
async def test_a_contents_manager_that_we_do_not_know_is_given_complete_notebooks(manager: str, tmp_path: Path) -> None:
    config = {"ServerApp": {"contents_manager_class": manager}}
    with LabServer(tmp_path, config=config, python_path=[Path(__file__).parents[2]]) as server:
        async with notebook(server, BIG) as tab:
            await with_output(tab)
            is_indented = file_of(tab).read_bytes().startswith(b'{\n "cells"')
            assert is_indented == ("Other" not in manager)
        server.kill()  # stock, too, takes 20 s to end with a synchronous one


async def test_a_contents_manager_that_takes_the_place_of_the_server_s_is_given_complete_notebooks(
    tmp_path: Path,
) -> None:
    python_path = [Path(__file__).parents[2], Path(__file__).parent / "extensions"]
    with LabServer(tmp_path, extensions=["replaces_contents"], python_path=python_path) as server:
        async with notebook(server, BIG) as tab:
            await with_output(tab)
            assert not file_of(tab).read_bytes().startswith(b'{\n "cells"'), "the other one wrote it"


async def test_on_a_full_disk_the_old_file_stays_and_the_new_one_is_saved_once_there_is_room(tmp_path: Path) -> None:
    server = LabServer(tmp_path)
    with small_disks.small_disk(server.root_dir, "2m"), server:
        async with notices(server) as told, notebook(server, BIG, "") as tab:
            await with_output(tab)
            await is_saved(tab)  # or what a save on its way leaves free would be enough for another
            before, filler = file_of(tab).read_bytes(), server.root_dir / "filler"
            with suppress(OSError):
                filler.write_bytes(bytes(1 << 22))
            tab.set_source(tab.cell_ids()[1], "# new")
            assert await told.first() == "not-saved"
            assert file_of(tab).read_bytes() == before
            filler.unlink()
            await becomes_true(lambda: b"# new" in file_of(tab).read_bytes())
            await becomes_true(lambda: told.kinds[-1] == "saved")


async def is_saved(tab: LabClient) -> None:
    """Wait until nothing is left to be saved."""
    state = tab.room.doc.get("state", type=Map)
    await tab.save()
    await becomes_true(lambda: state.get("hash") == hashlib.sha256(file_of(tab).read_bytes()).hexdigest())


async def becomes_true(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.1)
