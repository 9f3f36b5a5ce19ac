"""Programs that start in a tenth of the time, since what they import is imported once."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

IS_POSSIBLE = sys.platform == "linux"
"""Where a process can be forked that has imported all kinds of libraries."""

_SCRIPT = Path(__file__).with_name("fork_server.py")


class ForkServer:
    """A process that imports *modules* at the first use, and becomes any program that is asked for, over and over.

    What it becomes is as ``python -m`` makes it, but for what modules do while they are imported: that is not done
    anew, with the program's own environment. It ends with this process; the programs live on. To start is thread-safe.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = tuple(modules)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(
        self, module: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path
    ) -> psutil.Process:
        """Run a module as a program in a session of its own, with nothing to read.

        Args:
            module: as after ``python -m``.
            arguments: of the program.
            cwd: the folder that it starts in.
            env: its whole environment.
            log: the file to which it appends what it writes.
        """
        request = {"module": module, "arguments": [*arguments], "cwd": str(cwd), "env": {**env}, "log": str(log)}
        with self._lock:
            server = self._running()
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps(request).encode() + b"\n")
            server.stdin.flush()
            return psutil.Process(int(server.stdout.readline()))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_SCRIPT), *self._modules],  # -P: not with this folder on its path
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            atexit.register(self.close)
        return self._process

    def close(self) -> None:
        """End the process; the programs live on. Idempotent."""
        server, self._process = self._process, None
        if server is not None:
            with server:
                pass  # it ends with its requests
