"""A real jupyter_server in its own process, with authentication and XSRF checks on."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store

START_S = 60


@dataclass(frozen=True)
class Server:
    """A running server, and the store behind it."""

    url: str
    token: str
    store: ArtifactStore
    store_root: Path
    pid: int
    log: Path

    def client(self, **headers: str) -> httpx.Client:
        """A client that shows the token. Takes nothing from the environment, so no proxy stands between."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"token {self.token}", "Accept-Encoding": "gzip", **headers},
            trust_env=False,
            timeout=60,
        )

    def artifact(self, digest: Digest | str) -> str:
        return f"api/crdt-outputs/artifacts/{digest}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server")
    root = home / "store"
    token = secrets.token_hex(16)
    config = {
        "ServerApp": {
            "jpserver_extensions": {"tests.web.served": True},
            "authorizer_class": "tests.web.served.ReadersOnly",
            "base_url": "/some/base/",
            "open_browser": False,
            "allow_root": True,
            "ip": "127.0.0.1",
            "port": 0,
            "root_dir": str(home),
            # What an administrator may set must not weaken us.
            "tornado_settings": {
                "compress_response": True,
                "headers": {"Content-Security-Policy": "default-src *", "X-Content-Type-Options": "", "X-Site": "kept"},
            },
        },
        "IdentityProvider": {"token": token},
    }
    (home / "jupyter_server_config.json").write_text(json.dumps(config))
    folders = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **folders, "TEST_STORE": str(root), "JUPYTER_NO_CONFIG": ""}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "jupyter_server", f"--config={home / 'jupyter_server_config.json'}"]
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            url = _url_of(process, home)
            yield Server(url, token, open_store(str(root)), root, process.pid, home / "log")
        finally:
            process.terminate()
            process.wait(30)


def _url_of(process: subprocess.Popen[bytes], home: Path) -> str:
    """The address that the server says it listens on."""
    deadline = time.monotonic() + START_S
    info = home / "runtime" / f"jpserver-{process.pid}.json"
    while time.monotonic() < deadline and process.poll() is None:
        if info.exists() and info.stat().st_size:
            found = json.loads(info.read_text())
            return f"http://127.0.0.1:{found['port']}{found['base_url']}"
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{(home / 'log').read_text()[-3000:]}")
