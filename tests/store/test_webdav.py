"""The suites on a WebDAV server of rclone's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store

from . import servers
from .on_a_server import ServerSuite, assert_said

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


def test_a_wrong_password_is_said(address: str) -> None:
    store = open_store(address.replace(servers.PASSWORD, "wrong-" + servers.PASSWORD) + "/outputs")
    assert_said(lambda: store.put(b"abc"), "credentials are wrong or have expired")


def test_the_password_may_be_in_the_netrc(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {servers.USER} password {servers.PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    host = address.rpartition("@")[2]
    assert open_store(f"dav://{host}/{uuid.uuid4().hex}").put(b"abc") == Digest.of(b"abc")


def test_a_folder_that_somebody_removed_is_made_again(address: str) -> None:
    name = uuid.uuid4().hex
    store = open_store(f"{address}/{name}")
    store.put(b"abc")
    login = httpx.BasicAuth(servers.USER, servers.PASSWORD)
    httpx.delete(f"http://{address.rpartition('@')[2]}/{name}/", auth=login, trust_env=False).raise_for_status()
    assert store.get(store.put(b"abc")) == b"abc"
