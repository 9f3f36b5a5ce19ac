"""Servers that several files share; each file gets its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..moto_server import moto_server, read_once
from . import servers


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """The endpoint of an S3 server."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto.server")
    with moto_server() as running:
        yield running.url


@pytest.fixture
def s3_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, where drivers look."""
    read_once(monkeypatch)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", servers.USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", servers.PASSWORD)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def bucket(s3_server: str, s3_credentials: None) -> str:
    """A new bucket's name."""
    return servers.new_bucket(s3_server)
