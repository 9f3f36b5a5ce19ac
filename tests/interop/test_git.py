"""Real git, with our filter and our text of notebooks."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.store.collection.pins import pins_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import Tools
from .notebooks import LINES, complete, png, read, with_references, write

OURS = f"'{sys.executable}' -m jupyter_crdt_outputs.tools.cli"
Git = Callable[..., str]


@pytest.fixture
def git(tools: Tools) -> Git:
    """A repository in the user's home, set up as docs/other-tools.md says."""

    def run(*command: str) -> str:
        return tools.call("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *command).stdout.decode()

    run("init", "-q", ".")
    (tools.home / ".gitattributes").write_text("*.ipynb filter=crdt-outputs diff=crdt-outputs\n")
    (tools.home / ".gitignore").write_text("data\nruntime\nipython\n*.json\n")
    run("config", "filter.crdt-outputs.clean", f"{OURS} git-clean %f")
    run("config", "filter.crdt-outputs.smudge", f"{OURS} git-smudge %f")
    run("config", "filter.crdt-outputs.required", "true")
    run("config", "diff.crdt-outputs.textconv", f"{OURS} git-textconv")
    return run


def test_a_repository_holds_references_and_a_checkout_is_complete(tools: Tools, git: Git, store: VerifiedStore) -> None:
    path = write(tools.home / "nb.ipynb", complete())
    text = path.read_bytes()
    git("add", ".")
    git("commit", "-qm", "one")
    kept = json.loads(git("cat-file", "-p", "HEAD:nb.ipynb"))
    assert [reference_in(output) is not None for cell in kept["cells"] for output in cell.get("outputs", ())] == [
        False,
        True,
        True,
        True,
        True,
    ]
    assert path.read_bytes() == text
    path.unlink()
    git("checkout", "nb.ipynb")
    assert path.read_bytes() == text
    assert git("status", "--short") == ""


def test_a_repository_holds_thumbnails_when_the_server_makes_them(tools: Tools, git: Git) -> None:
    tools.configure(thumbnails=True)
    notebook = complete()
    data = notebook["cells"][3]["outputs"][0]["data"]
    data["image/png"] = base64.b64encode(png(side=200)).decode()
    path = write(tools.home / "nb.ipynb", notebook)
    text = path.read_bytes()
    git("add", ".")
    [output] = json.loads(git("cat-file", "-p", ":nb.ipynb"))["cells"][3]["outputs"]
    assert Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))).size == (160, 160)
    path.unlink()
    git("checkout", "nb.ipynb")
    assert path.read_bytes() == text


def test_what_commits_refer_to_is_pinned_since_no_file_says_that_it_is_needed(
    tools: Tools, git: Git, store: VerifiedStore
) -> None:
    write(tools.home / "nb.ipynb", complete())
    write(tools.home / "thin.ipynb", with_references(store, {**complete(), "cells": complete()["cells"][:4]}))
    git("add", ".")
    assert pins_of(store.blobs.records) == set(store.digests())


def test_a_checkout_without_the_store_succeeds_with_a_warning_and_changes_nothing(
    tools: Tools, git: Git, store: VerifiedStore
) -> None:
    path = write(tools.home / "nb.ipynb", complete())
    git("add", ".")
    git("commit", "-qm", "one")
    path.unlink()
    (tools.home / "data" / "crdt-outputs").rename(tools.home / "data" / "elsewhere")
    warned = tools.call("git", "checkout", "nb.ipynb").stderr.decode()
    assert "nb.ipynb, cell 4 (id plot), output 1: " in warned
    assert path.read_text() == git("cat-file", "-p", "HEAD:nb.ipynb")
    assert git("status", "--short") == ""
    (tools.home / "data" / "elsewhere").rename(tools.home / "data" / "crdt-outputs")
    path.unlink()
    git("checkout", "nb.ipynb")
    assert read(path)["cells"] == complete()["cells"]


def test_a_diff_shows_what_has_changed_and_nothing_else(tools: Tools, git: Git, store: VerifiedStore) -> None:
    path = write(tools.home / "nb.ipynb", complete())
    git("add", ".")
    git("commit", "-qm", "one")
    changed = complete()
    changed["cells"][2]["source"] = "print_more_lines()"
    changed["cells"][2]["outputs"][0]["text"] = LINES + "and one more\n"
    write(path, changed)
    lines = [line for line in git("diff").splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert "-print_lines()" in lines
    assert "+print_more_lines()" in lines
    assert "+and one more" in lines
    assert any(line.startswith("+stdout: 40,") and "bytes, sha256 " in line for line in lines), lines
    assert len(lines) < 12


def test_a_notebook_reads_the_same_whether_its_file_is_complete(tools: Tools, store: VerifiedStore) -> None:
    write(tools.home / "complete.ipynb", complete())
    write(tools.home / "thin.ipynb", with_references(store))
    text = tools.ours("git-textconv", "complete.ipynb")
    assert tools.ours("git-textconv", "thin.ipynb") == text
    tools.ours("import", "complete.ipynb")
    assert tools.ours("git-textconv", "complete.ipynb") == text
    assert "image/png: 8," in text
    assert "line 0 of the log" in text
    assert len(text) < 10_000
    (tools.home / "none.ipynb").write_text("no notebook")
    assert tools.ours("git-textconv", "none.ipynb") == "no notebook"


def test_the_filter_leaves_alone_what_it_has_nothing_to_do_with(tools: Tools, git: Git) -> None:
    texts = ["", "no notebook", '{"nbformat": 3}', json.dumps(complete(), indent=3)]
    for number, text in enumerate(texts):
        (tools.home / f"{number}.ipynb").write_text(text)
    git("config", "filter.crdt-outputs.clean", f"{OURS} git-clean --larger-than 100000 %f")
    git("add", ".")
    assert [git("cat-file", "-p", f":{number}.ipynb") for number in range(len(texts))] == texts


def test_nothing_is_added_when_the_store_cannot_keep_it(tools: Tools, git: Git) -> None:
    (tools.home / "full").mkdir()
    (tools.home / "full" / "sha256").write_text("no folder")
    tools.configure(store_url=str(tools.home / "full"))
    write(tools.home / "nb.ipynb", complete())
    told = tools.call("git", "add", "nb.ipynb", code=128).stderr.decode()
    assert "clean filter 'crdt-outputs' failed" in told
    assert str(Path(tools.home) / "full") in told
