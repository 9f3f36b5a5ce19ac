"""Calls on drivers that know no event loop; the others are in front of a fault proxy in test_fault_proxy.py."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from jupyter_crdt_outputs.errors import StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.remote import RemoteBlobs
from jupyter_crdt_outputs.store.remote.deadlines import Deadline
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

DIGEST = Digest.of(b"abc")


class Connection(LocalFileSystem):  # type: ignore[misc]
    """A file system that can hang, or lose its connection."""

    cachable = False
    released = threading.Event()
    lost = False
    connections: list[Connection] = []  # noqa: RUF012 - a new one for each test

    def __init__(self) -> None:
        super().__init__()
        self.connections.append(self)

    def info(self, path: str, **options: Any) -> Any:
        self.released.wait()
        if self.lost:
            raise EOFError("connection lost")
        return super().info(path, **options)


@pytest.fixture
def driver() -> type[Connection]:
    """A class of its own for each test."""
    return type("TestConnection", (Connection,), {"released": threading.Event(), "connections": []})


def test_a_call_that_hangs_is_left_behind_and_the_next_one_gets_another_connection(
    tmp_path: Path, driver: type[Connection]
) -> None:
    blobs = RemoteBlobs(driver, str(tmp_path), "for a test", deadline=Deadline(0.1))
    with pytest.raises(StoreUnavailable, match=r"no answer within 0\.1 s"):
        blobs.stat(DIGEST)
    VerifiedStore(RemoteBlobs(LocalFileSystem(), str(tmp_path), "for a test")).put(b"abc")
    assert blobs.read(DIGEST, 0, 2) == b"ab"
    driver.released.set()
    assert len(driver.connections) == 2


def test_there_is_a_bound_to_what_is_left_behind(tmp_path: Path, driver: type[Connection]) -> None:
    blobs = RemoteBlobs(driver, str(tmp_path), "for a test", deadline=Deadline(0.02))
    before = threading.active_count()
    for _ in range(30):
        with pytest.raises(StoreUnavailable):
            blobs.stat(DIGEST)
    with pytest.raises(StoreUnavailable, match="16 earlier calls have not come back"):
        blobs.stat(DIGEST)
    left_behind = threading.active_count() - before
    driver.released.set()
    assert left_behind <= 16
    while threading.active_count() > before:
        pass
    patient = RemoteBlobs(driver, str(tmp_path), "for a test")
    assert patient.stat(DIGEST) is None


def test_calls_do_not_share_a_connection(tmp_path: Path, driver: type[Connection]) -> None:
    """Drivers such as paramiko's are not thread-safe."""
    driver.released.set()
    blobs = RemoteBlobs(driver, str(tmp_path), "for a test")
    store = VerifiedStore(blobs)
    assert store.put_many([b"%d" % number for number in range(100)])
    assert 1 < len(driver.connections) <= 8


def test_a_connection_that_was_lost_while_idle_is_replaced_unnoticed(tmp_path: Path, driver: type[Connection]) -> None:
    """As when the other server was restarted."""
    driver.released.set()
    blobs = RemoteBlobs(driver, str(tmp_path), "for a test")
    store = VerifiedStore(blobs)
    digest = store.put(b"abc")
    driver.lost = True
    with pytest.raises(StoreUnavailable, match="connection lost"):
        store.size(digest)
    driver.lost = False
    assert store.size(digest) == 3
    idle = list(driver.connections)
    for connection in idle:
        connection.lost = True
    assert store.size(digest) == 3
    assert len(driver.connections) == len(idle) + 1


def test_a_deadline_has_a_share_for_what_is_moved() -> None:
    assert Deadline(10, 1000).seconds(5000) == 15
