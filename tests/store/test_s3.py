"""The same suite on a real S3 server in a process of its own. Runs where s3fs and moto's server are installed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.testing.blobs_suite import BlobsOpener, BlobsSuite
from jupyter_crdt_outputs.testing.store_suite import ArtifactStoreSuite, Opener, Overwriter

from ..moto_server import moto_server

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("s3fs")
pytest.importorskip("moto.server")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with moto_server() as running:
        # fsspec keeps file systems by their arguments, and the address of this server is none of them.
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        yield running.url


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    bucket = f"b{uuid.uuid4().hex}"
    fsspec.filesystem("s3").mkdir(bucket)
    return f"s3://{bucket}/outputs"


class TestS3Blobs(BlobsSuite):
    @pytest.fixture
    def open_blobs(self, url: str) -> BlobsOpener:
        return lambda: open_blobs(url)


class TestS3Store(ArtifactStoreSuite):
    @pytest.fixture
    def open(self, url: str) -> Opener:
        return lambda: open_store(url)

    @pytest.fixture
    def overwrite(self, url: str) -> Overwriter:
        return lambda digest, data: fsspec.filesystem("s3").pipe_file(f"{url}/{key_of(digest)}", data)

    def test_a_listing_does_not_hide_what_another_server_did_since(self, open: Opener) -> None:
        one, other = open(), open()
        digest = one.put(b"abc")
        assert list(one.digests()) == [digest]
        other.delete(digest)
        one.put(b"abc")
        assert other.get(digest) == b"abc"
