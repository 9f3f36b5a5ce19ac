"""A program to run, and stores to run it on."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from ..moto_server import read_once
from .program import Program

_S3_SERVER = (
    "from moto.server import ThreadedMotoServer; import sys\n"
    "server = ThreadedMotoServer('127.0.0.1', 0, verbose=False); server.start()\n"
    "print(server.get_host_and_port()[1], flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Its configured store is the default one."""
    return Program(tmp_path)


@pytest.fixture
def store(program: Program) -> VerifiedStore:
    """The store that *program* uses without being told."""
    return opened(str(program.home / "data" / "crdt-outputs"))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of a real S3 server in a process of its own."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto.server")
    with subprocess.Popen(
        [sys.executable, "-c", _S3_SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@pytest.fixture
def s3(s3_server: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty store in a bucket, for this process and for *program*."""
    import fsspec

    read_once(monkeypatch)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": s3_server,
    }.items():
        monkeypatch.setenv(name, value)
        program.environment[name] = value
    fsspec.get_filesystem_class("s3").clear_instance_cache()  # it knows file systems by other things than the address
    bucket = f"b{uuid.uuid4().hex}"
    fsspec.filesystem("s3").mkdir(bucket)
    return f"s3://{bucket}/outputs"


@pytest.fixture(params=["local", "s3"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, on each kind of file system in turn."""
    return str(request.getfixturevalue("s3")) if request.param == "s3" else str(tmp_path / "a store")


def opened(url: str) -> VerifiedStore:
    """A store, for what a test puts into it."""
    store = open_store(url)
    assert isinstance(store, VerifiedStore)
    return store
