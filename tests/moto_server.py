"""A real S3 server in a process of its own that can be frozen, and thawed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import fsspec
import pytest

_CODE = """
from moto.server import ThreadedMotoServer; import sys
server = ThreadedMotoServer('127.0.0.1', 0, verbose=False); server.start()
print(server.get_host_and_port()[1], flush=True); sys.stdin.read()
"""


@dataclass
class MotoServer:
    """S3 at an address."""

    process: subprocess.Popen[bytes]
    url: str

    def freeze(self) -> None:
        """Accept connections, and never answer: what a firewall or a dead disk looks like from afar."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on where it was."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def moto_server() -> Iterator[MotoServer]:
    """One that ends at the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", _CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        yield MotoServer(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
        process.kill()


@contextmanager
def moto_bucket(name: str) -> Iterator[MotoServer]:
    """One with an empty bucket, which this process and what it starts find by the environment, within the block."""
    with moto_server() as running, pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        patch.setenv("AWS_ACCESS_KEY_ID", "a")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", running.url)
        files().mkdir(name)
        yield running


def read_once(patch: pytest.MonkeyPatch) -> None:
    """Let all clients of botocore's share what each reads from its own files: tests make hundreds, of 0.1 s each."""
    patch.setattr("botocore.session.create_loader", _loader)


@cache
def _loader(search_path: str | None) -> Any:
    from botocore.loaders import create_loader

    return create_loader(search_path)


def files() -> Any:
    """The buckets as they are now."""
    return fsspec.filesystem("s3", skip_instance_cache=True)
