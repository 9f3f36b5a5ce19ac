"""The process of a server of a test, from its start to the end of what it leaves behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from .forking import IS_POSSIBLE, ForkServer

# What a server imports, so far as it is not ours: a stock server is to have nothing of this package.
_IMPORTED = (
    "jupyterlab.labapp",
    "jupyter_collaboration",
    "jupyter_server_ydoc.app",
    "jupyter_server_fileid.extension",
    "jupyter_server_terminals",
    "notebook_shim",
)

_fork_server = ForkServer(_IMPORTED)


class ServerProcess:
    """One JupyterLab process after another, run by the interpreter that runs this code. Not thread-safe."""

    def __init__(self) -> None:
        self._process: psutil.Process | None = None
        self._kernels: list[psutil.Process] = []

    @property
    def running(self) -> psutil.Process | None:
        """The process, unless it has ended."""
        return self._process if self._process is not None and _runs(self._process) else None

    def start(
        self, arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path, forked: bool
    ) -> None:
        """Start JupyterLab in a session of its own.

        Args:
            arguments: of the command line.
            cwd: the folder that it starts in.
            environment: all of it.
            log: the file to which it appends what it writes.
            forked: from a process that has imported JupyterLab once, where that can be done.
        """
        if forked and IS_POSSIBLE:
            self._process = _fork_server.start("jupyterlab", arguments, cwd=cwd, env=environment, log=log)
            return
        with log.open("ab") as file:
            self._process = psutil.Popen(
                [sys.executable, "-m", "jupyterlab", *arguments],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, timeout_s: float) -> None:
        """SIGTERM, and what has not ended within *timeout_s* seconds is killed, kernels too. Idempotent."""
        process = self.running
        if process is not None:
            self._kernels += process.children(recursive=True)
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(timeout_s)
        self.kill()
        for kernel in self._kernels:
            with contextlib.suppress(psutil.NoSuchProcess):
                kernel.kill()
        self._kernels.clear()

    def kill(self) -> None:
        """SIGKILL the process alone. Its kernels are left until :meth:`stop`. Idempotent."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._kernels += process.children(recursive=True)
                process.kill()
            process.wait()


def _runs(process: psutil.Process) -> bool:
    """Whether it is there, and not only remembered until it is waited for."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
