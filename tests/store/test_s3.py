"""The suites on S3: moto's server, rclone's as one that nobody tuned for, and obstore as another driver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_crdt_outputs.testing.store_suite import Opener

from . import servers
from .on_a_server import ServerSuite

pytest.importorskip("s3fs")


@pytest.fixture(scope="module")
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a second S3 server."""
    login = f"{servers.USER},{servers.PASSWORD}"
    with servers.rclone("s3", tmp_path_factory.mktemp("served"), "--auth-key", login) as port:
        yield f"http://127.0.0.1:{port}"


class TestMoto(ServerSuite):
    @pytest.fixture
    def url(self, s3_server: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
        return f"s3://{bucket}/outputs"

    def test_a_listing_does_not_hide_what_another_server_did_since(self, open: Opener) -> None:
        one, other = open(), open()
        digest = one.put(b"abc")
        assert list(one.digests()) == [digest]
        other.delete(digest)
        one.put(b"abc")
        assert other.get(digest) == b"abc"


class TestObstoreOnMoto(ServerSuite):
    @pytest.fixture
    def url(self, s3_server: str, bucket: str) -> str:
        pytest.importorskip("obstore")
        return f"s3://{bucket}/outputs?driver=obstore&endpoint_url={s3_server}"


class TestRclone(ServerSuite):
    @pytest.fixture
    def url(self, rclone_server: str, s3_credentials: None) -> str:
        return f"s3://{servers.new_bucket(rclone_server)}/outputs?endpoint_url={rclone_server}"


@pytest.mark.long
@pytest.mark.skipif(not servers.LONG, reason="a long test")
class TestObstoreOnRclone(ServerSuite):
    @pytest.fixture
    def url(self, rclone_server: str, s3_credentials: None) -> str:
        pytest.importorskip("obstore")
        return f"s3://{servers.new_bucket(rclone_server)}/outputs?driver=obstore&endpoint_url={rclone_server}"
