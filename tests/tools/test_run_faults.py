"""What the command that runs cells does with what it cannot work with, and where it is not alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import write_notebook
from .program import Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX locales and processes")

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
LATIN = {"PYTHONIOENCODING": "latin-1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server with this extension."""
    with LabServer(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.fixture
def shell(server: LabServer) -> Program:
    """The command of the user whose server that is."""
    return Program(server.home)


@pytest.mark.parametrize(
    ("environment", "typed", "said"),
    [(ASCII, "漢 é", rb"\u6f22 \xe9"), (LATIN, "é", b"\xe9"), ({}, "漢 é", "漢 é".encode())],
    ids=["ascii", "latin-1", "utf-8"],
)
def test_where_the_locale_has_no_word_for_it_everything_is_said_and_run_all_the_same(
    server: LabServer, shell: Program, environment: dict[str, str], typed: str, said: bytes
) -> None:
    shell.environment |= environment
    path = write_notebook(server, ["x = 1", "name = input('name? ')\nprint(name, x)"], tags={0: ["parameters"]})
    named = server.root_dir / f"日本 ü {path}"
    (server.root_dir / path).rename(named)
    answer = typed.encode("latin-1" if environment is LATIN else "utf-8") + b"\n"
    process = shell.start("run", str(named), "--param", f"x={typed}", stdin=subprocess.PIPE)
    stdout, stderr = process.communicate(answer, timeout=60)
    assert process.returncode == 0, stderr.decode()
    assert stdout.splitlines()[-1] == said + b" " + said
    (output,) = [each for each in outputs_of(named) if each["name"] == "stdout"]
    assert "".join(output["text"]) == f"{typed} {typed}\n"


def outputs_of(file: Path) -> list[dict[str, Any]]:
    """What the second cell has put out, as the file has it."""
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["cells"][1]["outputs"]
    return found


def test_what_is_no_notebook_is_refused_in_a_sentence(server: LabServer, shell: Program) -> None:
    for name, content in {"text.txt": "text", "torn.ipynb": '{"cells": [', "list.ipynb": "[]"}.items():
        file = server.root_dir / name
        file.write_text(content)
        assert name in shell.error("run", str(file), code=2)
    assert "no file" in shell.error("run", str(server.root_dir), code=3)


def test_who_may_not_run_cells_is_told_so(server: LabServer, shell: Program, tmp_path: Path) -> None:
    path = write_notebook(server, ["open('ran', 'w')"])
    token = tmp_path / "token"
    token.write_text("somebody else's")
    said = shell.error("run", str(server.root_dir / path), "--token-file", str(token), code=15)
    assert "Give its token, or ask for the right to do this" in said
    assert not (server.root_dir / "ran").exists()


@pytest.mark.long
@pytest.mark.skipif(not LONG, reason="starts several servers")
def test_two_commands_on_one_notebook_share_a_server_and_both_get_what_they_want(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    file = notebook(tmp_path / "n.ipynb", "import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('first')", "2")
    with program.start("run", str(file), "--index", "0") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"begun\n"
        with program.start("run", str(file), "--index", "1") as second:
            stdout, stderr = first.communicate(timeout=120)
            assert (first.returncode, stdout) == (0, b"first\n")
            assert b"waiting" in stderr
            stdout, stderr = second.communicate(timeout=120)
            assert (second.returncode, stdout) == (0, b"2\n"), stderr
    assert [cell["execution_count"] for cell in nbformat.read(file, 4).cells] == [1, 2]


@pytest.mark.long
@pytest.mark.skipif(not LONG, reason="starts several servers")
def test_commands_on_two_notebooks_of_a_folder_do_not_need_each_other(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    one = notebook(tmp_path / "one.ipynb", "import time\nprint('begun', flush=True)\ntime.sleep(1)")
    other = notebook(tmp_path / "other.ipynb", "import time\ntime.sleep(8)\nprint('other')")
    with program.start("run", str(one)) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"begun\n"
        with program.start("run", str(other)) as second:
            first.communicate(timeout=120)
            assert first.returncode == 0
            stdout, stderr = second.communicate(timeout=120)
            assert (second.returncode, stdout) == (0, b"other\n"), stderr


def notebook(file: Path, *sources: str) -> Path:
    """A new notebook of code cells."""
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), file)
    return file
