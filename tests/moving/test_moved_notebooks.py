"""Notebooks that are copied, renamed and moved, and cells that are pasted: their outputs still show."""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.store.collection.roots import JOURNAL
from jupyter_crdt_outputs.testing.server import LabServer

from ..notebooks.cells import code, notebook
from ..notebooks.outputs import display, error, stream
from .conftest import Servers, program_of
from .documents import Document, digests, is_served, opened, written

FOLDERS = pytest.mark.parametrize("folder", ["whole", "thin"])


def original() -> dict[str, Any]:
    """A notebook with outputs that no other test has."""
    token = uuid.uuid4().hex
    page = display({"text/html": f"<p>{token}</p>" * 300, "text/plain": "a page"})
    long = stream("".join(f"{token} {number}\n" for number in range(40_000)))
    return notebook(code(source="# first"), code(page), code(long, error([token] * 500)))


async def made(server: LabServer, folder: str) -> tuple[str, dict[str, Any]]:
    """A notebook that this server has saved; complete, or with references."""
    path, content = f"{folder}/{uuid.uuid4().hex[:8]}.ipynb", original()
    nbformat.write(nbformat.from_dict(json.loads(json.dumps(content))), server.root_dir / path)
    async with opened(server, path) as document:
        saved = await document.edit()
        assert (REFERENCE_MIME_TYPE in json.dumps(saved)) == (folder == "thin")
    return path, content


def outputs(content: dict[str, Any]) -> list[Any]:
    """Of each cell, texts in one piece."""
    return [cell.get("outputs", []) for cell in nbformat.reads(json.dumps(content), 4).cells]


def all_digests(document: Document) -> list[str]:
    return [digest for cell in document.room.cells() for digest in digests(cell["outputs"].to_py())]


async def shows_all(server: LabServer, path: str, content: dict[str, Any]) -> None:
    """Open a notebook: browsers get all, and a complete file has the originals."""
    async with opened(server, path) as document:
        found = all_digests(document)
        assert len(found) == 3
        assert all(is_served(server, digest) for digest in found)
        document.set_metadata("crdt-outputs", {"file_max_bytes": None})
        saved = await document.save()
    nbformat.validate(nbformat.from_dict(saved))
    assert outputs(saved)[1:3] == outputs(content)[1:3]


@FOLDERS
async def test_a_notebook_that_is_copied_renamed_and_moved_shows_its_outputs_and_nothing_is_stored_anew(
    servers: Servers, folder: str
) -> None:
    path, content = await made(servers.one, folder)
    before = written(servers.store)
    copy = json.loads(servers.one.request("api/contents/whole", method="POST", body={"copy_from": path}))["path"]
    renamed = path.replace(".ipynb", "-renamed.ipynb")
    servers.one.request(f"api/contents/{path}", method="PATCH", body={"path": renamed})
    moved = f"whole/{uuid.uuid4().hex[:8]} é.ipynb"
    await shows_all(servers.one, copy, content)
    async with opened(servers.one, renamed) as document:
        servers.one.request(f"api/contents/{renamed}", method="PATCH", body={"path": moved.replace(" é", "")})
        assert all(is_served(servers.one, digest) for digest in all_digests(document))
    await shows_all(servers.one, moved.replace(" é", ""), content)
    assert written(servers.store) == before


@FOLDERS
async def test_a_notebook_that_is_moved_to_a_server_with_the_same_store_shows_its_outputs_there(
    servers: Servers, folder: str
) -> None:
    path, content = await made(servers.one, folder)
    before = written(servers.store)
    shutil.move(servers.one.root_dir / path, servers.other.root_dir / path)
    await shows_all(servers.other, path, content)
    assert written(servers.store) == before


@FOLDERS
async def test_a_cell_that_is_pasted_into_another_notebook_takes_its_outputs_along(
    servers: Servers, folder: str
) -> None:
    path, content = await made(servers.one, folder)
    for server in (servers.one, servers.other):
        target, _ = await made(server, folder)
        before = written(servers.store)
        async with opened(servers.one, path) as source, opened(server, target) as document:
            for index in (1, 2, 1):  # the last one is a duplicate
                document.paste(source.copied(index))
            saved = await document.save()
            pasted = document.room.cells()[3:]
            assert all(is_served(server, digest) for cell in pasted for digest in digests(cell["outputs"].to_py()))
        assert written(servers.store) == before
        nbformat.validate(nbformat.from_dict(saved))
        if folder == "whole":
            first, second = outputs(content)[1:3]
            assert outputs(saved)[3:] == [first, second, first]
        else:
            assert [len(digests(each)) for each in outputs(saved)[3:]] == [1, 2, 1]


@FOLDERS
async def test_a_server_that_does_not_have_the_outputs_keeps_what_says_what_they_were_until_they_are_pulled(
    servers: Servers, folder: str
) -> None:
    path, content = await made(servers.one, folder)
    moved = f"moved-{uuid.uuid4().hex[:8]}.ipynb"
    shutil.copy(servers.one.root_dir / path, servers.stranger.root_dir / moved)
    if folder == "whole":  # nothing special
        await shows_all(servers.stranger, moved, content)
        return
    program = program_of(servers.stranger)
    async with opened(servers.stranger, moved) as document:
        found = all_digests(document)
        assert not any(is_served(servers.stranger, digest) for digest in found)
        saved = await document.edit()
        nbformat.validate(nbformat.from_dict(saved))
        for cell, sizes in zip(outputs(saved)[1:3], (["text/html"], ["stdout", "error"]), strict=True):
            for output, what in zip(cell, sizes, strict=True):
                said = output["data"]["text/plain"]
                assert f"[{what}, " in said
                assert "jupyter crdt-outputs pull" in said
        assert [digests(cell) for cell in outputs(saved)] == [
            digests(cell["outputs"].to_py()) for cell in document.room.cells()
        ]
        pulled = program.json("pull", str(servers.stranger.root_dir / moved), "--from", str(servers.store))
        assert pulled["missing"] == []
        assert all(is_served(servers.stranger, digest) for digest in found)
    await shows_all(servers.stranger, moved, content)


async def test_a_cell_that_is_pasted_into_a_notebook_of_another_server_says_what_it_was_and_can_be_pulled(
    servers: Servers,
) -> None:
    path, content = await made(servers.one, "whole")
    target, _ = await made(servers.stranger, "whole")
    async with opened(servers.one, path) as source, opened(servers.stranger, target) as document:
        document.paste(source.copied(1))
        saved = await document.save()
        [output] = outputs(saved)[3]
        assert "[text/html, " in output["data"]["text/plain"]
        program = program_of(servers.stranger)
        file = str(servers.stranger.root_dir / target)
        assert program.json("pull", file, "--from", str(servers.store))["pulled"] == 1
        assert outputs(await document.edit())[3] == outputs(content)[1]


async def test_a_pasted_output_is_kept_when_the_notebook_that_it_is_from_is_gone(servers: Servers) -> None:
    path, _ = await made(servers.one, "thin")
    target, _ = await made(servers.one, "thin")
    async with opened(servers.one, path) as source, opened(servers.one, target) as document:
        kept = digests(source.room.cells()[1]["outputs"].to_py())
        lost = digests(source.room.cells()[2]["outputs"].to_py())
        document.paste(source.copied(1))
        await document.save()
    servers.one.request(f"api/contents/{path}", method="DELETE")
    servers.one.stop()
    servers.one.ystore_path.unlink()  # where the deleted notebook is still remembered
    shutil.rmtree(servers.one.data_dir / JOURNAL, ignore_errors=True)
    long_ago = time.time() - 400 * 24 * 3600
    for file in (servers.store / "sha256").rglob("*"):
        os.utime(file, (long_ago, long_ago))
    program_of(servers.one).run("gc", "--delete")
    there = written(servers.store)
    assert set(kept) <= set(there)
    assert not set(lost) <= set(there), "nothing was collected at all"
