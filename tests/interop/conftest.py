"""A user's home with a store and notebooks, and the programs on the path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.tools.cli import main

REPOSITORY = Path(__file__).parents[2]


class Tools:
    """Our commands in this process, and any program of this environment in one of its own, in a user's home."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def configure(self, **settings: object) -> None:
        """Write the server's configuration."""
        (self.home / "jupyter_server_config.json").write_text(json.dumps({"CrdtOutputsApp": settings}))

    def ours(self, *arguments: str, code: int = 0) -> str:
        """What a command of ours prints, which must end with *code*."""
        self._capsys.readouterr()
        ended = main(arguments)
        printed = self._capsys.readouterr()
        assert ended == code, printed
        return printed.err if code else printed.out

    def json(self, *arguments: str) -> Any:
        """The one JSON document that it prints."""
        return json.loads(self.ours(*arguments, "--json"))

    def call(self, *command: str, code: int = 0, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end, which must be with *code*."""
        ran = subprocess.run(command, cwd=self.home, input=stdin, capture_output=True, timeout=120)
        assert ran.returncode == code, (ran.stdout.decode(), ran.stderr.decode())
        return ran


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server with pandoc on its path, if that was installed at all, and an authorizer that a request can set."""
    with pytest.MonkeyPatch.context() as environment:
        with suppress(ImportError, OSError):
            import pypandoc

            pandoc = Path(pypandoc.get_pandoc_path()).parent
            environment.setenv("PATH", f"{pandoc}{os.pathsep}{os.environ['PATH']}")
        config = {"ServerApp": {"authorizer_class": "tests.web.served.ReadersOnly"}}
        with LabServer(tmp_path_factory.mktemp("server"), config=config) as running:
            yield running


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tools:
    """Its store is the default one."""
    folder = Path(sys.executable).parent
    for name, value in {
        "HOME": tmp_path,
        "JUPYTER_CONFIG_DIR": tmp_path,
        "JUPYTER_DATA_DIR": tmp_path / "data",
        "JUPYTER_RUNTIME_DIR": tmp_path / "runtime",
        "IPYTHONDIR": tmp_path / "ipython",
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": REPOSITORY,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(tmp_path)
    return Tools(tmp_path, capsys)


@pytest.fixture
def store(tools: Tools) -> VerifiedStore:
    """The store that *tools* use without being told."""
    opened = open_store(str(tools.home / "data" / "crdt-outputs"))
    assert isinstance(opened, VerifiedStore)
    return opened


@pytest.fixture
def client(server: LabServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers=server.headers, trust_env=False, timeout=60) as client:
        yield client
