"""A real JupyterLab server for tests and benchmarks, with or without this extension, otherwise the same."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import psutil

from .server_home import Config, ServerHome
from .server_process import ServerProcess

# Never through a proxy that the environment may name: the server is on loopback.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServerFailed(RuntimeError):
    """The server did not start, or did not answer in time. The message ends with the tail of its log."""


class LabServer:
    """One JupyterLab server process on a free loopback port, with every directory of its own below *home*.

    With *with_us* off, the server extension and the lab extension are disabled by configuration; nothing else
    differs, so what two servers do differently is what this package does. The interpreter that runs this code runs
    the server too. Authentication and XSRF checks are on. Not thread-safe.

    Attributes:
        is_forked: start servers from a process that has imported JupyterLab once, where that can be done. Off unless a
            test suite sets it for the class: what is measured is to be a server as people start it.

    Args:
        home: an empty or a reused directory. A second server on the same one, after the first ended, finds its
            notebooks, its document history and its artifacts again.
        with_us: whether this extension is on.
        config: settings by class, as in ``jupyter_server_config.json``; they win over the defaults here.
        extensions: further server extension modules to switch on, importable from *python_path*.
        python_path: directories put before the server's import path.
        disabled_lab_extensions: further lab extensions or plugins to switch off.
    """

    is_forked: ClassVar[bool] = False

    def __init__(
        self,
        home: Path,
        *,
        with_us: bool = True,
        config: Config | None = None,
        extensions: Sequence[str] = (),
        python_path: Sequence[Path] = (),
        disabled_lab_extensions: Sequence[str] = (),
    ) -> None:
        self.home = home
        self.with_us = with_us
        self.token = secrets.token_hex(16)
        self._directories = ServerHome(home)
        self.root_dir = self._directories.root_dir
        self.data_dir = self._directories.data_dir
        self.log_path = self._directories.log_path
        self.ystore_path = self._directories.ystore_path
        self._config = config or {}
        self._extensions = tuple(extensions)
        self._python_path = tuple(python_path)
        self._disabled = tuple(disabled_lab_extensions)
        self._process = ServerProcess()
        self._port = 0
        self.configure()

    @property
    def url(self) -> str:
        """The base URL, with a slash at the end."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def ws_url(self) -> str:
        """The base URL of its websockets, with a slash at the end."""
        return f"ws://127.0.0.1:{self._port}/"

    @property
    def headers(self) -> dict[str, str]:
        """The request headers that authenticate a client."""
        return {"Authorization": f"token {self.token}"}

    @property
    def process(self) -> psutil.Process:
        """The running server process (its kernels are its children). Raises ServerFailed when there is none."""
        process = self._process.running
        if process is None:
            raise ServerFailed(f"the server is not running\n{self.log_tail()}")
        return process

    @property
    def environment(self) -> dict[str, str]:
        """All variables of its process, and of any other that is to find the same directories."""
        return self._directories.environment(self._python_path)

    def __enter__(self) -> LabServer:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def configure(self) -> None:
        """Write its configuration. Done already, unless another server on the same directories wrote its own."""
        self._directories.configure(
            self.token,
            with_us=self.with_us,
            config=self._config,
            extensions=self._extensions,
            disabled_lab_extensions=self._disabled,
        )

    def start(self, *, timeout_s: float = 60.0) -> None:
        """Start it and return when it answers an authenticated request. A restart keeps the port and the token."""
        if self._port == 0:
            self._port = _free_port()
        self._process.start(
            ["--no-browser", f"--ServerApp.port={self._port}"],
            cwd=self.root_dir,
            environment=self.environment,
            log=self.log_path,
            forked=self.is_forked,
        )
        try:
            self._wait_until_ready(time.monotonic() + timeout_s)
        except ServerFailed:
            self.kill()
            raise

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """End it as a service manager does (SIGTERM), then by force. Kernels it left behind end too. Idempotent."""
        self._process.stop(timeout_s)

    def kill(self) -> None:
        """SIGKILL the server process alone, as a crash or the out-of-memory killer would. Idempotent.

        Its kernels are left to notice it themselves; :meth:`stop` ends the ones that did not.
        """
        self._process.kill()

    def restart(self, *, timeout_s: float = 60.0) -> None:
        """Start again on the same directories, port and token, after :meth:`stop` or :meth:`kill`."""
        self.stop()
        self.start(timeout_s=timeout_s)

    def log_tail(self, lines: int = 40) -> str:
        """The last *lines* of what the server wrote."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def request(self, path: str, *, method: str = "GET", body: object = None, timeout_s: float = 30.0) -> bytes:
        """One authenticated request, blocking. *path* is relative to :attr:`url`; *body* is sent as JSON.

        Raises:
            urllib.error.HTTPError: for a status of 400 and above.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=self.headers)
        with _DIRECT.open(request, timeout=timeout_s) as response:
            answer = response.read()
        assert isinstance(answer, bytes)
        return answer

    def _wait_until_ready(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self._process.running is None:
                raise ServerFailed(f"the server ended while starting\n{self.log_tail()}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                self.request("api/status", timeout_s=5.0)
                return
            time.sleep(0.1)
        raise ServerFailed(f"the server did not answer in time\n{self.log_tail()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
