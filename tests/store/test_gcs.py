"""The suites on an emulator of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_crdt_outputs.store import open_store

from . import servers
from .on_a_server import ServerSuite, assert_said

pytest.importorskip("gcsfs")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with servers.fake_gcs() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(endpoint: str) -> str:
    """The name of a new bucket."""
    return servers.new_gcs_bucket(endpoint)


class TestFakeGCSServer(ServerSuite):
    @pytest.fixture
    def url(self, endpoint: str, bucket: str) -> str:
        return f"gs://{bucket}/outputs?endpoint_url={endpoint}&anon=1"


def test_a_missing_bucket_is_said(endpoint: str) -> None:
    store = open_store(f"gs://no-such-bucket/outputs?endpoint_url={endpoint}&anon=1")
    assert_said(lambda: store.put(b"abc"), "There is no bucket or container of that name: create it")
