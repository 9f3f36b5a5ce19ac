"""The suites on a WebDAV server of rclone's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from . import servers
from .on_a_server import ServerSuite

pytest.importorskip("webdav4")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of the server, with user and password."""
    login = ("--user", servers.USER, "--pass", servers.PASSWORD)
    with servers.rclone("webdav", tmp_path_factory.mktemp("served"), *login) as port:
        yield f"webdav://{servers.USER}:{servers.PASSWORD}@127.0.0.1:{port}"


class TestRcloneWebDAV(ServerSuite):
    @pytest.fixture
    def url(self, address: str) -> str:
        return f"{address}/{uuid.uuid4().hex}/outputs"
