"""A program that was forked is as one that a new interpreter runs, but for what is imported already."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_crdt_outputs.testing.forking import IS_POSSIBLE, ForkServer

pytestmark = pytest.mark.skipif(not IS_POSSIBLE, reason="no process is forked here")

PROBE = """
import atexit, json, os, random, signal, sys, time
import pycrdt

print(json.dumps({
    "name": __name__, "file": __file__, "arguments": sys.argv, "path": sys.path, "environment": dict(os.environ),
    "folder": os.getcwd(), "zone": time.tzname, "input": sys.stdin.read(), "hidden": sys.modules.get("hidden") is None,
    "leads": os.getsid(0) == os.getpid(), "handles": [str(signal.getsignal(each)) for each in signal.valid_signals()],
    "drawn": [random.random(), pycrdt.Doc().client_id], "known": "colorsys" in sys.modules,
}), flush=True)
atexit.register(print, "bye")
if "wait" in sys.argv:
    time.sleep(60)
sys.exit(3)
"""
NUMBERS = itertools.count()
FORKS = ForkServer(["colorsys", "pycrdt", "no.such.module"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "probe.py").write_text(PROBE)
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "sitecustomize.py").write_text("import sys; sys.modules['hidden'] = None")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    own = {"PYTHONPATH": str(folder / "library"), "TZ": "Asia/Tokyo", "MINE": "1"}
    return own | {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def forked(folder: Path, *arguments: str) -> tuple[psutil.Process, Path]:
    log = folder / f"log-{next(NUMBERS)}"
    return FORKS.start("probe", arguments, cwd=folder, env=environment(folder), log=log), log


def told(line: str) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """What two programs have in common, and what not."""
    said = json.loads(line)
    return said, {key: said.pop(key) for key in ("drawn", "known")}


def test_it_finds_the_same_as_one_of_a_new_interpreter_and_ends_alike(folder: Path) -> None:
    process, log = forked(folder, "one", "two")
    process.wait(30)
    ran = subprocess.run(
        [sys.executable, "-m", "probe", "one", "two"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        text=True,
        check=False,
    )
    line, bye = log.read_text().splitlines()
    (ours, more), (theirs, _) = told(line), told(ran.stdout.splitlines()[0])
    assert ours == theirs
    assert bye == "bye"
    assert more["known"], "it was imported before"


def test_each_draws_numbers_of_its_own(folder: Path) -> None:
    """Documents with one client's number would lose what the other wrote."""
    several = [forked(folder) for _ in range(3)]
    for process, _ in several:
        process.wait(30)
    drawn = [told(log.read_text().splitlines()[0])[1]["drawn"] for _, log in several]
    assert len({number for numbers in drawn for number in numbers}) == 6


def test_it_is_seen_to_run_and_to_be_gone_and_is_no_zombie(folder: Path) -> None:
    process, log = forked(folder, "wait")
    while not log.exists() or not log.read_text():
        assert process.is_running()
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert not psutil.pid_exists(process.pid)
    assert "bye" not in log.read_text()
