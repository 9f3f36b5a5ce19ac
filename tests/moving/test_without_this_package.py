"""After ``pip uninstall``: what our server has written is opened, shown, run and saved by everybody else."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.testing.server import LabServer

from .conftest import program_of
from .documents import opened
from .test_moved_notebooks import all_digests, made, outputs

UNINSTALLED = Path(__file__).parent / "uninstalled"
CONFIG: dict[str, dict[str, Any]] = {"CrdtOutputsApp": {"file_max_bytes_for": {"thin/": 256}}}


@dataclass(frozen=True)
class Left:
    """What a server with this package has left behind.

    Attributes:
        server: the same, without the package: folders, history and all.
        whole: a complete file, whose document's history has references.
        thin: a file with references, likewise.
        restored: one that had references, and was restored before.
        contents: what was in each at first.
    """

    server: LabServer
    whole: str
    thin: str
    restored: str
    contents: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    home = tmp_path_factory.mktemp("home")
    with LabServer(home, config=CONFIG) as server:
        for folder in ("whole", "thin"):
            (server.root_dir / folder).mkdir()
        made_ = asyncio.run(_make(server))
    program = program_of(server)
    program.run("restore", str(server.root_dir / made_[2][0]))
    program.run("enable-nbconvert")  # and never disabled
    whole, thin, restored = (path for path, _ in made_)
    stock = LabServer(home, with_us=False, python_path=[UNINSTALLED])
    return Left(stock, whole, thin, restored, dict(made_))


async def _make(server: LabServer) -> list[tuple[str, dict[str, Any]]]:
    return [await made(server, folder) for folder in ("whole", "thin", "thin")]


@pytest.fixture(scope="module")
def stock(left: Left) -> Iterator[LabServer]:
    with left.server:
        yield left.server


def test_the_package_is_hidden(left: Left) -> None:
    done = python(left, "import jupyter_crdt_outputs")
    assert b"No module named 'jupyter_crdt_outputs'" in done.stderr


def python(left: Left, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Where the package is not installed."""
    environment = left.server.environment
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        env=os.environ | environment,
        cwd=left.server.root_dir,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("which", ["whole", "restored", "thin"])
async def test_a_stock_server_opens_and_saves_the_notebook_on_the_same_history(
    left: Left, stock: LabServer, which: str
) -> None:
    path = getattr(left, which)
    before = json.loads((stock.root_dir / path).read_bytes())
    async with opened(stock, path) as document:
        shown = [cell["outputs"].to_py() for cell in document.room.cells()]
        saved = await document.edit()
    nbformat.validate(nbformat.from_dict(saved))
    assert outputs(saved) == outputs(before)
    if which == "thin":
        assert all(
            "jupyter crdt-outputs pull" in output["data"]["text/plain"] for cell in shown[1:3] for output in cell
        )
    else:
        assert outputs(saved)[1:3] == outputs(left.contents[path])[1:3] == shown[1:3]
        assert REFERENCE_MIME_TYPE not in json.dumps(saved)


@pytest.mark.parametrize("which", ["whole", "thin"])
def test_nbclient_runs_the_notebook_and_nbconvert_shows_it(left: Left, which: str) -> None:
    path = getattr(left, which)
    program = """
        import sys, nbformat
        from nbclient import NotebookClient
        notebook = nbformat.read(sys.argv[1], 4)
        nbformat.validate(notebook)
        cell = nbformat.v4.new_code_cell("print(6 * 7)")
        copy = nbformat.v4.new_notebook(cells=[cell], metadata=notebook.metadata)
        NotebookClient(copy).execute()
        notebook.cells.append(cell)
        nbformat.write(notebook, sys.argv[1] + ".run.ipynb")
        nbformat.validate(nbformat.read(sys.argv[1] + ".run.ipynb", 4))
        from nbconvert import MarkdownExporter
        from nbconvert.nbconvertapp import NbConvertApp
        app = NbConvertApp()
        app.initialize(["--to", "markdown", sys.argv[1] + ".run.ipynb"])
        app.start()
    """
    done = python(left, program, path)
    assert done.returncode == 0, done.stderr.decode()
    markdown = next((left.server.root_dir / path).parent.glob("*.run.md")).read_text()
    assert "42" in markdown
    assert ("not in this file" in markdown) == (which == "thin")


async def test_what_stock_has_saved_meanwhile_is_whole_once_the_package_is_back(left: Left, stock: LabServer) -> None:
    for path in (left.whole, left.thin):
        async with opened(stock, path) as document:
            await document.edit()
    stock.stop()
    try:
        with LabServer(stock.home, config=CONFIG) as again:
            for path in (left.whole, left.thin):
                async with opened(again, path) as document:
                    # Stock had all in full in its history; no browser, announced or not, is to get it from there.
                    assert len(all_digests(document)) == 3
                    document.set_metadata("crdt-outputs", {"file_max_bytes": None})
                    saved = await document.save()
                    assert outputs(saved)[1:3] == outputs(left.contents[path])[1:3]
    finally:  # for who runs this again
        stock.configure()  # the other one had its own, in the same place
        await asyncio.to_thread(stock.start)
