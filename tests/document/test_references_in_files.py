"""Files that keep references in the place of large outputs, because the server, a folder or the notebook says so."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from pycrdt import Map

from jupyter_crdt_outputs.model.in_file import from_file
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import becomes, is_stored, notebook, opened, plain, saved_outputs, saves

LIMIT = 100_000
BIG = "from IPython.display import display\ndisplay({'text/plain': 'x' * 300_000}, raw=True)"
SHOWN = plain("display_data", "x" * 300_000)
SMALL = "from IPython.display import display\ndisplay({'text/plain': 'y' * 30_000}, raw=True)"
PICTURE = """
import struct, zlib
from IPython.display import Image, display
side, rows = 800, bytearray()
for y in range(side):
    rows += b"\\0" + bytes((x * y * 7919 >> 5) % 256 for x in range(side))
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
display(Image(b"\\x89PNG\\r\\n\\x1a\\n" + chunks))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    home = tmp_path_factory.mktemp("server")
    config: dict[str, dict[str, Any]] = {
        "CrdtOutputsApp": {
            "file_max_bytes": LIMIT,
            "file_max_bytes_for": {"handouts/": None, "strict/**/*.ipynb": 1000},
            "thumbnails": True,
        },
        "YDocExtension": {"document_cleanup_delay": 0},
    }
    with LabServer(home, config=config) as running:
        yield running


def file_of(tab: LabClient) -> Path:
    return tab.server.root_dir / tab.path


def says(tab: LabClient, limit: int | None) -> None:
    tab.set_metadata("crdt-outputs", {"file_max_bytes": limit})


async def ran(tab: LabClient, stored: int) -> None:
    assert await tab.run_all()
    for index in range(stored):
        await becomes(tab, lambda index=index: is_stored(tab.outputs(index)))  # type: ignore[misc]


async def saves_references(tab: LabClient, stored: list[bool]) -> list[dict[str, Any]]:
    """Save until of these cells' outputs those are references in the file; returns the outputs."""
    async with asyncio.timeout(30):
        while True:
            await tab.save()
            outputs = [outputs[0] for outputs in saved_outputs(tab.server, tab.path) if outputs]
            if [REFERENCE_MIME_TYPE in output.get("data", {}) for output in outputs] == stored:
                return outputs


async def test_what_is_larger_than_the_limit_is_a_reference_in_the_file_as_in_the_document(server: LabServer) -> None:
    async with notebook(server, BIG, SMALL) as tab:
        await ran(tab, 2)
        big, small = await saves_references(tab, [True, False])
        assert from_file(big)["data"].keys() == {REFERENCE_MIME_TYPE, "text/plain"}
        assert reference_in(big) == reference_in(tab.outputs(0)[0])
        assert from_file(big)["data"]["text/plain"] == tab.outputs(0)[0]["data"]["text/plain"]
        kept = "[text/plain, 300 kB] is kept by jupyter-crdt-outputs, not in this file"
        assert kept in big["data"]["text/plain"]
        assert small == plain("display_data", "y" * 30_000)
        assert file_of(tab).stat().st_size < 40_000


async def test_a_notebook_says_otherwise_and_the_next_save_follows_it(server: LabServer) -> None:
    async with notebook(server, BIG, SMALL) as tab:
        await ran(tab, 2)
        await saves_references(tab, [True, False])
        says(tab, 5000)
        await saves_references(tab, [True, True])
        says(tab, None)
        await saves(tab, [[SHOWN], [plain("display_data", "y" * 30_000)]])
        says(tab, LIMIT)
        await saves_references(tab, [True, False])


@pytest.mark.parametrize(("folder", "stored"), [("handouts", [False, False]), ("strict/deep", [True, True])])
async def test_a_folder_has_a_limit_of_its_own_and_a_notebook_that_is_moved_there_follows_it(
    server: LabServer, folder: str, stored: list[bool]
) -> None:
    (server.root_dir / folder).mkdir(parents=True, exist_ok=True)
    async with notebook(server, BIG, SMALL) as tab:
        await ran(tab, 2)
        await saves_references(tab, [True, False])
        moved = f"{folder}/{tab.path}"
        await asyncio.to_thread(server.request, f"api/contents/{tab.path}", method="PATCH", body={"path": moved})
        state = tab.room.doc.get("state", type=Map)
        await tab.wait_until(lambda: state.get("path") == moved)
        tab.path = moved
        tab.set_source(tab.cell_ids()[1], "# moved")
        await saves_references(tab, stored)


async def test_a_page_may_ask_what_the_server_would_do(server: LabServer) -> None:
    def limit(path: str) -> Any:
        return json.loads(server.request(f"api/crdt-outputs/limit?path={quote(path)}"))

    assert limit("a.ipynb") == {"file_max_bytes": LIMIT}
    assert limit("a b/handouts/a.ipynb") == {"file_max_bytes": None}
    assert b'"crdtOutputsFileLimits": "on"' in server.request("lab")


async def test_a_picture_has_a_thumbnail_in_the_file_alone(server: LabServer) -> None:
    async with notebook(server, PICTURE) as tab:
        await ran(tab, 1)
        [in_file] = await saves_references(tab, [True])
        reference = reference_in(in_file)
        assert reference is not None
        thumbnail = base64.b64decode(in_file["data"]["image/png"])
        assert thumbnail.startswith(b"\x89PNG")
        assert len(thumbnail) < 40_000 < reference.parts["image/png"].size  # type: ignore[union-attr]
        assert "image/png" not in tab.outputs(0)[0]["data"]
        nbformat.validate(nbformat.read(file_of(tab), 4))
        path, document = tab.path, tab.outputs(0)
        await tab.close()
        async with opened(server, path) as again:
            assert again.outputs(0) == document
            says(again, None)
            await again.save()
            [[restored]] = saved_outputs(server, path)
            assert base64.b64decode(restored["data"]["image/png"])[16:24] == b"\0\0\3\x20" * 2


async def test_a_file_with_references_opens_without_its_artifacts_and_saving_it_loses_none(server: LabServer) -> None:
    async with notebook(server, BIG, "") as tab:
        await ran(tab, 1)
        await saves_references(tab, [True])
        path, document = tab.path, tab.outputs(0)
    [store] = server.data_dir.glob("crdt-outputs")
    [artifact] = [each for each in store.glob("sha256/*/*") if each.name == digest_in(document)]
    artifact.rename(artifact.with_name("away"))
    before = (server.root_dir / path).read_bytes()
    async with opened(server, path) as tab:
        assert tab.outputs(0) == document
        tab.set_source(tab.cell_ids()[1], "# edited")
        await tab.save()
        assert (server.root_dir / path).read_bytes() == before.replace(
            b'"source": []', b'"source": [\n    "# edited"\n   ]'
        )
        says(tab, None)
        await tab.save()
        artifact.with_name("away").rename(artifact)
        await saves(tab, [[SHOWN], []])


async def test_what_the_store_has_lost_is_not_taken_out_of_a_file_that_has_it(server: LabServer) -> None:
    async with notebook(server, BIG.replace("'x'", "'z'"), "") as tab:
        await ran(tab, 1)
        says(tab, None)
        shown = plain("display_data", "z" * 300_000)
        await saves(tab, [[shown], []])
        [artifact] = [
            each for each in server.data_dir.glob("crdt-outputs/sha256/*/*") if each.name == digest_in(tab.outputs(0))
        ]
        artifact.unlink()
        says(tab, LIMIT)
        await saves_references(tab, [True])
        assert artifact.read_bytes() == b"z" * 300_000


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_server_without_this_package_trusts_the_file_if_its_user_did(server: LabServer, trusted: bool) -> None:
    async with notebook(server, BIG) as tab:
        await ran(tab, 1)
        with tab.room.edit():
            tab.cell(tab.cell_ids()[0])["metadata"].update({"trusted": trusted, "edited": True})
        await saves_references(tab, [True])
        assert '"edited": true' in file_of(tab).read_text()
    with NotebookNotary(data_dir=str(server.data_dir)) as notary:
        assert notary.check_signature(nbformat.read(file_of(tab), 4)) == trusted


async def test_a_run_that_gives_the_same_outputs_gives_no_difference_in_git(server: LabServer) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=server.root_dir, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet")
    path = ""
    sources = (BIG, PICTURE, "print('line\\n' * 100_000)", "raise ValueError('why' * 50_000)")
    for run in range(2):
        if run == 0:
            async with notebook(server, *sources) as tab:
                await runs_to_the_end(tab)
                path = tab.path
                git("add", path)
                git("commit", "--quiet", "-m", "first")
        else:
            async with opened(server, path) as tab:
                await runs_to_the_end(tab)
                await tab.shut_down_kernel()
    assert git("diff", "--stat", "--", path) == ""
    assert git("status", "--short", "--", path) == ""


async def runs_to_the_end(tab: LabClient) -> None:
    for cell in tab.cell_ids():
        await tab.run_cells([cell])
    for index in range(4):
        await becomes(tab, lambda index=index: is_stored(tab.outputs(index)))  # type: ignore[misc]
    await saves_references(tab, [True] * 4)


async def test_a_duplicate_and_a_checkpoint_have_the_references_and_show_the_same(server: LabServer) -> None:
    async with notebook(server, BIG) as tab:
        await ran(tab, 1)
        await saves_references(tab, [True])
        document, path = tab.outputs(0), tab.path
    copy = json.loads(server.request("api/contents", method="POST", body={"copy_from": path}))["path"]
    checkpoint = json.loads(server.request(f"api/contents/{path}/checkpoints", method="POST"))["id"]
    before = (server.root_dir / path).read_bytes()
    async with opened(server, quote(copy)) as tab:
        assert tab.outputs(0) == document
    async with opened(server, path) as tab:
        tab.set_source(tab.cell_ids()[0], uuid.uuid4().hex)
        await tab.save()
        assert (server.root_dir / path).read_bytes() != before
        await asyncio.to_thread(server.request, f"api/contents/{path}/checkpoints/{checkpoint}", method="POST")
        os.utime(server.root_dir / path)  # a checkpoint is as old as it was, and upstream looks for what is newer
        await tab.wait_until(lambda: str(tab.room.cells()[0]["source"]) == BIG)
        assert tab.outputs(0) == document
    assert (server.root_dir / path).read_bytes() == before


def digest_in(outputs: list[dict[str, Any]]) -> str:
    reference = reference_in(outputs[0])
    assert reference is not None
    return reference.digests[0].hex
