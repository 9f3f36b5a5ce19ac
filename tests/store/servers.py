"""Real servers to keep a store on, each a program of its own on a port of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
USER, PASSWORD = "testuser", "a-secret-of-the-test"

MOTO = """
from moto.server import ThreadedMotoServer; import sys
server = ThreadedMotoServer('127.0.0.1', 0, verbose=False); server.start()
print(server.get_host_and_port()[1], flush=True); sys.stdin.read()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


@contextlib.contextmanager
def running(command: list[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """*command*, from when it listens on *port* until the end of the context."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while True:
                assert process.poll() is None, f"{command[0]} has ended with {process.returncode}"
                assert time.monotonic() < deadline, f"{command[0]} does not listen"
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            yield port
        finally:
            process.kill()


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """S3, in Python. The URL of its endpoint."""
    pytest.importorskip("moto.server")
    with subprocess.Popen(
        [sys.executable, "-c", MOTO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


@contextlib.contextmanager
def rclone(protocol: str, folder: Path, *options: str) -> Iterator[int]:
    """A server of rclone's for *folder*."""
    program = shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        pytest.skip("rclone is not installed")
    port = free_port()
    nowhere = {"RCLONE_CONFIG": os.devnull}
    command = [program, "serve", protocol, str(folder), "--addr", f"127.0.0.1:{port}", *options]
    with running(command, port, nowhere):
        yield port


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """Azure's own emulator of its blob storage. A connection string, with the emulator's well-known account."""
    program = ROOT / "node_modules" / ".bin" / "azurite-blob"
    if not program.exists():
        pytest.skip("azurite is not installed")
    port = free_port()
    command = [str(program), "--blobPort", str(port), "--location", str(folder), "--silent", "--skipApiVersionCheck"]
    command += ["--inMemoryPersistence", "--disableTelemetry"]
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    with running(command, port):
        yield (
            f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={key};"
            f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
        )


@contextlib.contextmanager
def sshd(folder: Path, port: int | None = None) -> Iterator[int]:
    """OpenSSH, for the user who runs the tests. *folder* gets ``key`` to log in with, and ``known_hosts``."""
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    if program is None:
        pytest.skip("OpenSSH's server is not installed")
    port = port or free_port()
    for name in ("key", "host_key"):
        if not (folder / name).exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    host_key = (folder / "host_key.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key[0]} {host_key[1]}\n")
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host_key\nAuthorizedKeysFile {folder}/key.pub\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nAllowUsers {getpass.getuser()}\n"
        "PermitRootLogin yes\nSubsystem sftp internal-sftp\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd of Debian locks up what is not logged in yet
    with running([program, "-D", "-e", "-f", str(config)], port):
        yield port


def s3(endpoint: str) -> Any:
    """What tests look into an S3 server with, past the store."""
    s3fs = pytest.importorskip("s3fs")
    return s3fs.S3FileSystem(endpoint_url=endpoint, skip_instance_cache=True, use_listings_cache=False)


def new_bucket(endpoint: str) -> str:
    """The name of a new and empty bucket."""
    name = f"b{uuid.uuid4().hex}"
    s3(endpoint).mkdir(name)
    return name
