"""A real JupyterLab server for tests and benchmarks, with or without this extension, otherwise the same."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import psutil

import jupyter_crdt_outputs

from .forking import IS_POSSIBLE, ForkServer

EXTENSION = "jupyter_crdt_outputs"
LAB_EXTENSION = "jupyter-crdt-outputs"

# It asks the user a question, and the network for news.
_NEIGHBOURS = ("jupyter_lsp", "jupyterlab_jupytext", "nbdime")
"""Server extensions that switch themselves on where they are installed: on only in a test that asks for one."""

_ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"

# What tools that tests need bring along for JupyterLab.
_OF_TOOLS = ("jupyterlab-jupytext", "nbdime-jupyterlab")

# What a server imports, so far as it is not ours: a stock server is to have nothing of this package.
_IMPORTED = (
    "jupyterlab.labapp",
    "jupyter_collaboration",
    "jupyter_server_ydoc.app",
    "jupyter_server_fileid.extension",
    "jupyter_server_terminals",
    "notebook_shim",
)

Config = Mapping[str, Mapping[str, Any]]

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
    _fork_server: ClassVar[ForkServer] = ForkServer(_IMPORTED)

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
        self.root_dir = home / "root"
        self.data_dir = home / "data"
        self.log_path = home / "server.log"
        self.ystore_path = home / "ystore.db"
        self._config = config or {}
        self._extensions = tuple(extensions)
        self._python_path = tuple(python_path)
        self._disabled = tuple(disabled_lab_extensions)
        self._process: psutil.Process | None = None
        self._port = 0
        self._kernels: list[psutil.Process] = []
        self._write_config()

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
        if self._process is None or not _runs(self._process):
            raise ServerFailed(f"the server is not running\n{self.log_tail()}")
        return self._process

    def __enter__(self) -> LabServer:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self, *, timeout_s: float = 60.0) -> None:
        """Start it and return when it answers an authenticated request. A restart keeps the port and the token."""
        if self._port == 0:
            self._port = _free_port()
        self._process = self._launched()
        try:
            self._wait_until_ready(time.monotonic() + timeout_s)
        except ServerFailed:
            self.kill()
            raise

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """End it as a service manager does (SIGTERM), then by force. Kernels it left behind end too. Idempotent."""
        process = self._process
        if process is not None and _runs(process):
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
        """SIGKILL the server process alone, as a crash or the out-of-memory killer would. Idempotent.

        Its kernels are left to notice it themselves; :meth:`stop` ends the ones that did not.
        """
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._kernels += process.children(recursive=True)
                process.kill()
            process.wait()

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

    def _launched(self) -> psutil.Process:
        arguments = ["--no-browser", f"--ServerApp.port={self._port}"]
        environment = self._environment()
        if self.is_forked and IS_POSSIBLE:
            start = self._fork_server.start
            return start("jupyterlab", arguments, cwd=self.root_dir, env=environment, log=self.log_path)
        with self.log_path.open("ab") as log:
            return psutil.Popen(
                [sys.executable, "-m", "jupyterlab", *arguments],
                cwd=self.root_dir,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_ready(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self._process is None or not _runs(self._process):
                raise ServerFailed(f"the server ended while starting\n{self.log_tail()}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                self.request("api/status", timeout_s=5.0)
                return
            time.sleep(0.1)
        raise ServerFailed(f"the server did not answer in time\n{self.log_tail()}")

    def _environment(self) -> dict[str, str]:
        package_root = Path(jupyter_crdt_outputs.__file__).parents[1]
        python_path = [str(path) for path in (*self._python_path, package_root)]
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))},
            "HOME": str(self.home),
            "IPYTHONDIR": str(self.home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.data_dir),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "PYTHONPATH": os.pathsep.join(python_path),
            "PYTHONUNBUFFERED": "1",
        }

    def _write_config(self) -> None:
        config_dir = self.home / "config"
        for directory in (self.root_dir, self.data_dir, self.home / "runtime", config_dir / "labconfig"):
            directory.mkdir(parents=True, exist_ok=True)
        config: dict[str, dict[str, Any]] = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port_retries": 0,
                "allow_root": True,
                "open_browser": False,
                "root_dir": str(self.root_dir),
                "jpserver_extensions": {
                    EXTENSION: self.with_us,
                    **dict.fromkeys(_NEIGHBOURS, False),
                    **dict.fromkeys(self._extensions, True),
                },
            },
            "IdentityProvider": {"token": self.token},
            "SQLiteYStore": {"db_path": str(self.ystore_path)},
            "FileContentsManager": {"delete_to_trash": False},
            "LabApp": {
                # In the environment, they would be read when JupyterLab is imported.
                "user_settings_dir": str(self.home / "settings"),
                "workspaces_dir": str(self.home / "workspaces"),
                "news_url": None,
                "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
                "extra_labextensions_path": [str(self._own_lab_extension())],
            },
        }
        for section, values in self._config.items():
            config.setdefault(section, {}).update(values)
        (config_dir / "jupyter_server_config.json").write_text(json.dumps(config, indent=2))
        disabled = dict.fromkeys((_ANNOUNCEMENTS, *_OF_TOOLS, *self._disabled), True)
        if not self.with_us:
            disabled[LAB_EXTENSION] = True
        page_config = {"disabledExtensions": disabled}
        (config_dir / "labconfig" / "page_config.json").write_text(json.dumps(page_config, indent=2))

    def _own_lab_extension(self) -> Path:
        """A directory that holds the built lab extension of this source tree, so that nothing need be installed."""
        directory = self.home / "labextensions"
        directory.mkdir(exist_ok=True)
        built = Path(jupyter_crdt_outputs.__file__).parent / "labextension"
        link = directory / LAB_EXTENSION
        if built.is_dir() and not link.is_symlink():
            link.symlink_to(built, target_is_directory=True)
        return directory


def _runs(process: psutil.Process) -> bool:
    """Whether it is there, and not only remembered until it is waited for."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
