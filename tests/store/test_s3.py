"""The suites on S3: moto's server, rclone's as one that nobody tuned for, and obstore as another driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.address import Address
from jupyter_crdt_outputs.store.remote.deadlines import Deadline, calls_on
from jupyter_crdt_outputs.store.remote.object_files import ObjectFiles
from jupyter_crdt_outputs.testing.store_suite import NOWHERE, Opener

from . import servers
from .on_a_server import ServerSuite, assert_said

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


DRIVERS = pytest.mark.parametrize("driver", ["", "driver=obstore&"], ids=["s3fs", "obstore"])


@DRIVERS
def test_a_missing_bucket_is_no_missing_artifact(driver: str, s3_server: str, s3_credentials: None) -> None:
    store = open_store(f"s3://no-such-bucket/outputs?{driver}endpoint_url={s3_server}")
    assert_said(lambda: store.put(b"abc"), "There is no bucket or container of that name: create it")
    assert_said(lambda: store.get(NOWHERE), "There is no bucket")


@DRIVERS
def test_wrong_credentials_are_said(
    driver: str, rclone_server: str, s3_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = servers.new_bucket(rclone_server)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-" + servers.PASSWORD)
    store = open_store(f"s3://{bucket}/outputs?{driver}endpoint_url={rclone_server}")
    assert_said(lambda: store.put(b"abc"), "credentials are wrong or have expired: correct them in the server's env")


def test_no_credentials_are_said(s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = open_store(f"s3://bucket/outputs?endpoint_url={s3_server}&region=us-east-1")
    assert_said(lambda: store.put(b"abc"), "No credentials were found: give them to the server's environment")


@DRIVERS
def test_what_is_there_is_not_created_again(driver: str, s3_server: str, bucket: str) -> None:
    """Also by somebody who has not seen it."""
    address = Address.parse(f"s3://{bucket}/outputs?{driver}endpoint_url={s3_server}")
    files = ObjectFiles(calls_on(address.connect(address.driver), Deadline()), address.root, "for a test")
    assert files.create("lease", b"mine")
    assert not files.create("lease", b"yours")
    assert files.read("lease") == b"mine"
