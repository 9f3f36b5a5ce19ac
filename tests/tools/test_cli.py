"""The program as a whole: how it starts, how it ends, and what a terminal or a pipe makes of it."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_server.serverapp import ServerApp

import jupyter_crdt_outputs
from jupyter_crdt_outputs.app import CrdtOutputsApp
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.tools.configuration import Configuration
from jupyter_crdt_outputs.tools.grammar import parser

from .program import COMMAND, Program

POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and terminals")
COMMANDS = next(action.choices for action in parser()._actions if action.dest == "command") or {}


def test_the_command_tells_its_version(program: Program) -> None:
    assert program.text("--version").strip() == jupyter_crdt_outputs.__version__


def test_a_command_that_is_missing_or_unknown_is_answered_with_those_there_are(program: Program) -> None:
    assert "command" in program.error(code=2)
    assert "doctor" in program.error("dcotor", code=2)
    assert "doctor" in program.text("--help")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_json_and_can_be_imported(name: str) -> None:
    command = dict(COMMANDS)[name]
    module, _, function = command.get_default("run").partition(":")
    assert callable(getattr(importlib.import_module(f"jupyter_crdt_outputs.tools.{module}"), function))
    assert "--json" in command.format_help()


def test_the_version_and_completion_wait_for_nothing_large(program: Program) -> None:
    """Completion runs the program at each press of Tab."""
    code = (
        "import sys\nfrom jupyter_crdt_outputs.tools.cli import main\n"
        "try: main(['--version'])\nexcept SystemExit: pass\n"
        "print([name for name in ('jupyter_server', 'fsspec', 'tornado', 'nbformat', 'tqdm') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=program.environment)
    assert ran.stdout.splitlines()[-1] == b"[]"


def completed(program: Program, line: str, command: list[str]) -> set[str]:
    """What a shell would offer after *line*, by argcomplete's protocol with bash."""
    answers = program.home / "answers"
    own = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answers),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
    }
    subprocess.run(command, env=program.environment | own, check=False, capture_output=True)
    return set(answers.read_text().split())


@POSIX_ONLY
def test_tab_completes_commands_options_and_digests(program: Program, store: VerifiedStore) -> None:
    digest = store.put(b"abc").hex
    assert {"ls", "cat", "verify"} <= completed(program, "jupyter-crdt-outputs ", COMMAND)
    assert {"--sort", "--json"} <= completed(program, "jupyter-crdt-outputs ls --", COMMAND)
    assert completed(program, "jupyter-crdt-outputs ls --sort ", COMMAND) == {"size", "age", "digest"}
    assert digest in completed(program, f"jupyter-crdt-outputs cat {digest[:4]}", COMMAND)


@POSIX_ONLY
def test_tab_completes_behind_the_jupyter_command(program: Program) -> None:
    """``jupyter`` is what the shell knows; it hands the line on to the program ``jupyter-crdt-outputs``."""
    scripts = program.home / "bin"
    scripts.mkdir()
    script = scripts / "jupyter-crdt-outputs"
    script.write_text(f"#!{sys.executable}\nfrom jupyter_crdt_outputs.tools.cli import main\nmain()\n")
    script.chmod(0o755)
    program.environment["PATH"] = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    program.environment["PYTHONPATH"] = str(Path(jupyter_crdt_outputs.__file__).parents[1])  # it may not be installed
    jupyter = [sys.executable, "-m", "jupyter_core.command"]
    assert {"size", "age"} <= completed(program, "jupyter crdt-outputs ls --sort ", jupyter)


def test_an_error_is_json_too_when_json_is_asked_for(program: Program) -> None:
    ran = program.run("cat", "0" * 64, "--json", "--output", "nowhere", code=3)
    told = json.loads(ran.stderr)
    assert told["exit_code"] == 3
    assert "0" * 64 in told["error"]


def test_a_configuration_that_cannot_be_read_ends_the_command(program: Program) -> None:
    """Else it would work on another store than the one that somebody meant."""
    (program.home / "jupyter_server_config.py").write_text("c.CrdtOutputsApp.store_url = undefined")
    assert "jupyter_server_config.py cannot be read (NameError" in program.error("ls", code=2)


def test_a_reader_that_goes_away_ends_the_program_quietly(program: Program, store: VerifiedStore) -> None:
    store.put_many([b"%d" % number for number in range(2000)])
    with program.start("ls") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


@POSIX_ONLY
def test_ctrl_c_ends_it_at_once_with_a_word_and_no_traceback(program: Program, store: VerifiedStore) -> None:
    """In the middle: its configuration file reads a pipe that nobody writes into."""
    pipe = program.home / "pipe"
    os.mkfifo(pipe)
    # Not `open`, which looks where in the file it is, and forgets any error of that, an interrupt too.
    reading = f"import os; os.read(os.open({str(pipe)!r}, os.O_RDONLY), 1)"
    (program.home / "jupyter_server_config.py").write_text(reading)
    with program.start("ls") as process, pipe.open("w"):  # returns when the program has opened it
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in error
    assert b"Traceback" not in error


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_gets_every_line(program: Program, encoding: str) -> None:
    """A folder's name that it cannot show is no reason to stop."""
    folder = program.home / "Ausgänge Ω"
    folder.mkdir()
    program.environment["PYTHONIOENCODING"] = encoding
    assert "artifacts" in program.text("stats", "--store", str(folder), "--root", str(folder)).lower()
    assert program.json("stats", "--store", str(folder), "--root", str(folder))["store"] == str(folder)


@POSIX_ONLY
def test_a_file_that_cannot_be_written_is_named_without_a_traceback(program: Program, store: VerifiedStore) -> None:
    digest = store.put(b"abc").hex
    assert "nowhere" in program.error("cat", digest, "--output", str(program.home / "nowhere" / "file"), code=1)


def test_what_is_configured_is_what_the_server_would_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All the files in which one may write it, against jupyter_server's own reading of them."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "jupyter_jupyter_crdt_outputs_config.py").write_text(
        "c.CrdtOutputsApp.store_url = '/lowest'\nc.CrdtOutputsApp.document_max_bytes = 1111"
    )
    (tmp_path / "jupyter_config.py").write_text("c.CrdtOutputsApp.store_url = '/low'\nc.ServerApp.root_dir = '/tmp'")
    (tmp_path / "jupyter_server_config.py").write_text("c.CrdtOutputsApp.store_url = '/high'")
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps({"CrdtOutputsApp": {"store_url": "/highest"}}))

    def ask() -> tuple[list[object], list[object]]:
        server, app, ours = ServerApp(), CrdtOutputsApp(), Configuration()
        server.load_config_file()
        app.load_config_file()
        app.update_config(server.config)
        return (
            [app.store_url, app.document_max_bytes, server.root_dir],
            [ours.store_url().value, ours.policy().document_max_bytes, ours.root_dir().value],
        )

    theirs, ours = ask()
    assert theirs == ours == ["/highest", 1111, "/tmp"]
    assert Configuration().store_url().origin == str(tmp_path / "jupyter_server_config.json")
    for file in sorted(tmp_path.glob("jupyter_*config.*"), reverse=True):
        file.unlink()
        theirs, ours = ask()
        assert theirs == ours
    assert ours == [str(tmp_path / "data" / "crdt-outputs"), 4096, str(Path.cwd())]
