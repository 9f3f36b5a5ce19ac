"""``pull``."""

from __future__ import annotations

import base64
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from ..notebooks.cells import code, markdown, notebook
from ..notebooks.outputs import display, error, png, stream
from ..store import servers
from .conftest import opened
from .program import Program

PICTURE = png(random.Random(3))
LONG = "".join(f"a line of a long stream, number {number}\n" for number in range(60_000))
ORIGINAL = notebook(
    markdown(),
    code(display({"image/png": base64.b64encode(PICTURE).decode(), "text/html": "<b>hi</b>" * 2000})),
    code(stream(LONG), error(["trace\n"] * 3000)),
    code(display({"image/png": base64.b64encode(PICTURE).decode()})),
)


@pytest.fixture
def elsewhere(program: Program) -> VerifiedStore:
    """The store of another server."""
    return opened(str(program.home / "elsewhere"))


@pytest.fixture
def moved(program: Program, elsewhere: VerifiedStore) -> Path:
    """A notebook with references, from there."""
    return write(program.home / "notebooks" / "moved.ipynb", elsewhere)


def write(path: Path, store: VerifiedStore, original: dict[str, Any] = ORIGINAL) -> Path:
    path.parent.mkdir(exist_ok=True)
    given = nbformat.from_dict(json.loads(json.dumps(original)))
    restored, problems = Archive(store, Policy()).restore_notebook(Archive(store, Policy()).offload_notebook(given), 0)
    assert not problems
    nbformat.write(nbformat.from_dict(restored), path)
    assert PICTURE not in path.read_bytes()
    return path


def complete(path: Path, store: VerifiedStore) -> Any:
    restored, problems = Archive(store, Policy()).restore_notebook(json.loads(path.read_bytes()))
    assert not problems
    return json.loads(nbformat.v4.writes_json(nbformat.from_dict(restored)))


def is_complete(path: Path, store: VerifiedStore) -> bool:
    return bool(complete(path, store) == json.loads(nbformat.v4.writes_json(nbformat.from_dict(ORIGINAL))))


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_a_notebook_refers_to_is_fetched_and_nothing_else(
    program: Program, elsewhere: VerifiedStore, store: VerifiedStore, moved: Path, what: str
) -> None:
    elsewhere.put(b"of another notebook")
    before = moved.read_bytes()
    told = program.json("pull", str(moved if what == "file" else moved.parent), "--from", elsewhere.blobs.where)
    assert (told["pulled"], told["already_there"], told["missing"]) == (len(list(store.digests())), 0, [])
    assert is_complete(moved, store)
    assert Digest.of(b"of another notebook") not in set(store.digests())
    assert moved.read_bytes() == before
    again = program.json("pull", str(moved), "--from", elsewhere.blobs.where)
    assert (again["pulled"], again["already_there"]) == (0, told["pulled"])


def test_what_is_there_already_is_found_without_the_other_store(
    program: Program, elsewhere: VerifiedStore, moved: Path
) -> None:
    program.run("pull", str(moved), "--from", elsewhere.blobs.where)
    told = program.json("pull", str(moved), "--from", "http://127.0.0.1:9/outputs")
    assert told["pulled"] == 0


def test_a_dry_run_fetches_nothing(program: Program, elsewhere: VerifiedStore, moved: Path) -> None:
    told = program.json("pull", "--dry-run", str(moved), "--from", elsewhere.blobs.where)
    assert (told["pulled"], told["dry_run"]) == (len(list(elsewhere.digests())), True)
    assert not (program.home / "data" / "crdt-outputs" / "sha256").exists()
    assert "would be pulled" in program.text("pull", "--dry-run", str(moved), "--from", elsewhere.blobs.where)


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_what_is_missing_is_named_with_its_notebook_and_cell_and_the_rest_is_fetched(
    program: Program, elsewhere: VerifiedStore, store: VerifiedStore, moved: Path, more: list[str]
) -> None:
    elsewhere.delete(Digest.of(PICTURE))
    arguments = ["pull", *more, str(moved), "--from", elsewhere.blobs.where]
    missing = program.json(*arguments, code=3)["missing"]
    assert [(each["cell"], each["id"], each["type"], each["size"]) for each in missing] == [
        (2, "cell-1", "image/png", len(PICTURE)),
        (4, "cell-3", "image/png", len(PICTURE)),
    ]
    assert len(list(store.digests())) == (0 if more else len(list(elsewhere.digests())))
    told = program.run(*arguments, code=3).stderr.decode()
    assert f"{moved}: cell 4 (id cell-3), output 1: image/png" in told


def test_what_is_damaged_or_was_purged_here_is_not_fetched_and_named(
    program: Program, elsewhere: VerifiedStore, store: VerifiedStore, moved: Path
) -> None:
    store.put(b"it is there")
    program.run("purge", "--yes", Digest.of(PICTURE).hex)
    told = program.json("pull", str(moved), "--from", elsewhere.blobs.where, code=8)
    assert {each["sha256"] for each in told["missing"]} == {Digest.of(PICTURE).hex}
    store = opened(str(program.home / "third"))
    (Path(elsewhere.blobs.where) / key_of(Digest.of(PICTURE))).write_bytes(b"x" * len(PICTURE))
    options = ["--store", store.blobs.where]
    told = program.json("pull", str(moved), "--from", elsewhere.blobs.where, *options, code=4)
    assert {each["sha256"] for each in told["missing"]} == {Digest.of(PICTURE).hex}
    assert "damaged" in told["missing"][0]["error"]
    assert Digest.of(PICTURE) not in set(store.digests())


def test_what_lies_in_the_trash_of_this_store_comes_back(
    program: Program, elsewhere: VerifiedStore, store: VerifiedStore, moved: Path
) -> None:
    program.run("pull", str(moved), "--from", elsewhere.blobs.where)
    store.blobs.move(Digest.of(PICTURE), Area.ARTIFACTS, Area.TRASH)
    assert program.json("pull", str(moved), "--from", elsewhere.blobs.where)["pulled"] == 0
    assert store.blobs.stat(Digest.of(PICTURE)) is not None


def test_a_complete_notebook_needs_nothing_and_one_that_is_none_is_named(
    program: Program, elsewhere: VerifiedStore, moved: Path
) -> None:
    nbformat.write(nbformat.from_dict(ORIGINAL), moved.parent / "complete.ipynb")
    told = program.json("pull", str(moved.parent / "complete.ipynb"), "--from", elsewhere.blobs.where)
    assert (told["pulled"], told["already_there"]) == (0, 0)
    (moved.parent / "broken.ipynb").write_bytes(moved.read_bytes()[:-100])
    told = program.json("pull", str(moved.parent), "--from", elsewhere.blobs.where, code=2)
    assert [failed["path"] for failed in told["failed"]] == [str(moved.parent / "broken.ipynb")]
    assert told["pulled"] > 0
    assert "one and the same" in program.error(
        "pull", str(moved), "--from", elsewhere.blobs.where, "--store", elsewhere.blobs.where, code=2
    )


@pytest.fixture
def over_http(program: Program, elsewhere: VerifiedStore) -> Iterator[str]:
    """The other store behind a plain web server, read-only."""
    pytest.importorskip("aiohttp")
    port = servers.free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with servers.running([*command, "--directory", str(program.home)], port):
        yield f"http://127.0.0.1:{port}/elsewhere"


def test_it_is_fetched_from_a_web_server(
    program: Program, elsewhere: VerifiedStore, store: VerifiedStore, moved: Path, over_http: str
) -> None:
    assert elsewhere.blobs.flush()
    assert program.json("pull", str(moved), "--from", over_http)["pulled"] == len(list(elsewhere.digests()))
    assert is_complete(moved, store)


def test_it_is_fetched_from_one_bucket_into_another(
    program: Program, moved: Path, elsewhere: VerifiedStore, s3: str
) -> None:
    program.run("pull", str(moved), "--from", elsewhere.blobs.where, "--store", s3)
    third = str(program.home / "third")
    program.run("pull", str(moved), "--from", s3, "--store", third)
    assert is_complete(moved, opened(third))
