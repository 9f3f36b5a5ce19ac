"""A store behind a plain web server can be read, and copied from."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from jupyter_crdt_outputs.errors import ArtifactCorrupt, ArtifactMissing, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.layout import key_of

from . import servers
from .places import wait_until_committed

pytest.importorskip("aiohttp")

ARTIFACTS = [b"", b"abc", bytes(range(256)) * 10_000]
DAMAGED = b"damaged"


@pytest.fixture(scope="module", params=["python", "rclone"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. Python's own server knows no ranges."""
    folder = tmp_path_factory.mktemp("served")
    *_, damaged = open_store(str(folder / "outputs")).put_many([*ARTIFACTS, DAMAGED])
    wait_until_committed(folder / "outputs")
    (folder / "outputs" / key_of(damaged)).write_bytes(DAMAGED[:-1])
    if request.param == "rclone":
        with servers.rclone("http", folder) as port:
            yield f"http://127.0.0.1:{port}/outputs"
        return
    port = servers.free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    with servers.running(command, port):
        yield f"http://127.0.0.1:{port}/outputs"


def test_it_can_be_read_and_listed(server: str) -> None:
    store = open_store(server)
    for data in ARTIFACTS:
        digest = Digest.of(data)
        assert store.get(digest) == data
        assert store.verify(digest) == store.size(digest) == len(data)
        assert store.read(digest, 1, 7) == data[1:7]
    assert sorted(store.digests()) == sorted(map(Digest.of, [*ARTIFACTS, DAMAGED]))
    with pytest.raises(ArtifactMissing):
        store.get(Digest.of(b"never put"))


def test_it_says_that_it_cannot_be_written(server: str) -> None:
    """A PUT to a server that answers anything else than an error would count as stored."""
    store = open_store(server)
    with pytest.raises(StoreUnavailable, match=r"can only be read.*choose another store"):
        store.put(b"new")
    with pytest.raises(StoreUnavailable, match="can only be read"):
        store.delete(Digest.of(b"abc"))
    assert store.get(Digest.of(b"abc")) == b"abc"


def test_damage_is_not_shown(server: str) -> None:
    with pytest.raises(ArtifactCorrupt):
        open_store(server).get(Digest.of(DAMAGED))
