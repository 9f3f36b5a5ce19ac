"""The command line as a process of its own, as a user's shell starts it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jupyter_crdt_outputs.tools.cli import main

COMMAND = [sys.executable, "-m", "jupyter_crdt_outputs.tools.cli"]


class Program:
    """Runs commands with Jupyter's configuration and data below *home*, and on a store there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(home),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "PYTHONPATH": str(Path(__file__).parents[2]),  # as if it were installed, in whatever folder a command runs
        }

    def configure(self, **settings: object) -> None:
        """Write the server's configuration."""
        (self.home / "jupyter_server_config.json").write_text(json.dumps({"CrdtOutputsApp": settings}))

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Begin a command; its output is to be read."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": self.environment, **options}
        return subprocess.Popen([*COMMAND, *arguments], **options)

    def run(self, *arguments: str, code: int = 0, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end, which must be with *code*, and never with a traceback."""
        with self.start(*arguments, **options) as process:
            stdout, stderr = process.communicate(timeout=60)
        assert b"Traceback" not in (stderr or b""), stderr.decode()
        assert process.returncode == code, (stdout, stderr)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def text(self, *arguments: str, code: int = 0) -> str:
        """What it prints for people."""
        return self.run(*arguments, code=code).stdout.decode(errors="replace")

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The one JSON document that it prints."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def lines(self, *arguments: str) -> Sequence[Any]:
        """The JSON lines that it prints."""
        return [json.loads(line) for line in self.run(*arguments, "--json").stdout.splitlines()]

    def error(self, *arguments: str, code: int) -> str:
        """What it says before it leaves with *code*, having printed no result."""
        ran = self.run(*arguments, code=code)
        assert ran.stdout == b""
        return ran.stderr.decode()


class HereProgram(Program):
    """The same, but commands that need no process of their own run in this one, which is a second faster."""

    def run(self, *arguments: str, code: int = 0, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """As promised; of *options* there is ``cwd``."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with (
            patch.dict(os.environ, self.environment),
            contextlib.chdir(options.get("cwd", ".")),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            returned = main(list(arguments))
        stdout, stderr = (stream.buffer.getvalue() for stream in (out, err))
        assert returned == code, (stdout, stderr)
        return subprocess.CompletedProcess(arguments, returned, stdout, stderr)


def kill_while_it_writes(process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Kill it soon after it has begun to write a file aside in *folder*. Returns whether it had not ended before."""
    left = set(folder.glob(".~*"))
    while process.poll() is None and not set(folder.glob(".~*")) - left:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.05))
    process.kill()
    return process.wait() != 0
