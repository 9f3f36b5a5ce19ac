"""The command line, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jupyter_crdt_outputs


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, with Jupyter's configuration and data below *home*."""
    own = {"JUPYTER_CONFIG_DIR": str(home), "JUPYTER_DATA_DIR": str(home / "data")}
    command = [sys.executable, "-m", "jupyter_crdt_outputs.tools.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | own)


def configure(home: Path, **settings: object) -> None:
    (home / "jupyter_server_config.json").write_text(json.dumps({"CrdtOutputsApp": settings}))


def test_the_command_tells_its_version(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout.strip() == jupyter_crdt_outputs.__version__


def test_the_doctor_tries_the_store_that_the_server_would_use_and_leaves_nothing_there(tmp_path: Path) -> None:
    store = tmp_path / "kept here"
    configure(tmp_path, store_url=str(store))
    ran = run(tmp_path, "doctor")
    assert ran.returncode == 0, ran.stderr
    assert str(store) in ran.stdout
    assert "gives back what was written" in ran.stdout
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_the_doctor_leaves_with_the_code_and_the_words_of_what_is_wrong(tmp_path: Path) -> None:
    configure(tmp_path, store_url="s4://bucket/outputs")
    ran = run(tmp_path, "doctor")
    assert ran.returncode == 2
    assert "s4:// is not known: give an absolute path" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_command_that_is_missing_is_answered_with_those_there_are(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.returncode == 2
    assert "doctor" in run(tmp_path, "--help").stdout
