"""The suites on SFTP: OpenSSH's server, and rclone's as a second opinion."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import InvalidSetting, StoreUnavailable
from jupyter_crdt_outputs.store import open_store

from . import servers
from .on_a_server import ServerSuite

pytest.importorskip("paramiko")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sftp")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """Of OpenSSH's server, without a path."""
    with servers.sshd(home) as port:
        yield f"sftp://127.0.0.1:{port}"


@pytest.fixture
def options(home: Path) -> str:
    return f"?key_filename={home}/key&known_hosts={home}/known_hosts"


class TestOpenSSH(ServerSuite):
    tick_s = 1.1

    @pytest.fixture
    def url(self, address: str, options: str, tmp_path: Path) -> str:
        return f"{address}{tmp_path}/deep/outputs{options}"


@pytest.fixture(scope="module")
def rclone(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of rclone's server, with user and password."""
    options = ("--user", servers.USER, "--pass", servers.PASSWORD, "--key", str(home / "host_key"))
    servers.make_keys(home)
    with servers.rclone("sftp", tmp_path_factory.mktemp("served"), *options) as port:
        servers.make_known(home, port, "rclone_hosts")
        yield f"sftp://{servers.USER}:{servers.PASSWORD}@127.0.0.1:{port}"


@pytest.mark.long
@pytest.mark.skipif(not servers.LONG, reason="a long test")
class TestRcloneSFTP(ServerSuite):
    tick_s = 1.1

    @pytest.fixture
    def url(self, rclone: str, home: Path) -> str:
        return f"{rclone}/{uuid.uuid4().hex}/outputs?known_hosts={home}/rclone_hosts"


def test_a_host_that_is_not_known_is_not_trusted(address: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("")
    store = open_store(f"{address}{tmp_path}/outputs?key_filename={home}/key&known_hosts={tmp_path}/none")
    with pytest.raises(StoreUnavailable, match="add it to known_hosts with ssh-keyscan"):
        store.put(b"abc")
    assert not (tmp_path / "outputs").exists()


def test_a_key_that_is_not_accepted_is_said(address: str, home: Path, tmp_path: Path) -> None:
    options = f"?key_filename={home}/host_key&known_hosts={home}/known_hosts"
    with pytest.raises(StoreUnavailable, match="credentials are wrong"):
        open_store(f"{address}{tmp_path}/outputs{options}").put(b"abc")


def test_a_folder_that_may_not_be_written_is_said(address: str, options: str) -> None:
    with pytest.raises(StoreUnavailable, match="/proc/outputs"):
        open_store(f"{address}/proc/outputs{options}").put(b"abc")


def test_a_file_that_is_named_and_missing_is_a_wrong_setting(address: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="key_filename names no file"):
        open_store(f"{address}/outputs?key_filename={tmp_path}/missing")


def test_a_server_that_was_restarted_is_connected_to_anew(tmp_path: Path) -> None:
    """fsspec's driver keeps the dead connection for ever."""
    with servers.sshd(tmp_path) as port:
        options = f"?key_filename={tmp_path}/key&known_hosts={tmp_path}/known_hosts"
        store = open_store(f"sftp://127.0.0.1:{port}{tmp_path}/outputs{options}")
        digest = store.put(b"abc")
    with pytest.raises(StoreUnavailable):
        store.get(digest)
    with servers.sshd(tmp_path, port):
        assert store.get(digest) == b"abc"
