"""Signed addresses, fetched from real servers as a browser would: with nothing but the address."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from jupyter_crdt_outputs.errors import InvalidSetting
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.signing import UrlSigner

from . import servers

LOG = logging.getLogger(__name__)
DATA = b"<script>alert(1)</script>" * 100
HEADERS = ("text/html; charset=utf-8", 'attachment; filename="abc.html"')


def fetched(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False)


class SigningSuite:
    """Override ``url``."""

    def test_the_address_gives_the_bytes_with_the_headers_that_were_signed(self, url: str) -> None:
        digest = open_store(url).put(DATA)
        signed = UrlSigner(url, 60, LOG).url_of(digest, *HEADERS)
        assert signed is not None
        answer = fetched(signed.url)
        assert (answer.status_code, answer.content) == (200, DATA)
        assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == HEADERS
        assert fetched(signed.url, Range="bytes=1-6").content == DATA[1:7]
        assert not [secret for secret in servers.SECRETS if secret in signed.url]

    def test_it_is_believed_for_less_than_it_works_and_used_again_meanwhile(self, url: str) -> None:
        """Browsers cache by address."""
        signer = UrlSigner(url, 60, LOG)
        digest = open_store(url).put(DATA)
        first = signer.url_of(digest, *HEADERS)
        time.sleep(1.1)  # else a new one would be the same
        second = signer.url_of(digest, *HEADERS)
        assert first is not None
        assert second is not None
        assert first.url == second.url
        assert 20 < second.max_age_s < 60
        other = signer.url_of(digest, "image/png", "inline")
        assert other is not None
        assert other.url != first.url

    def test_nothing_in_it_can_be_changed_and_it_ends(self, url: str) -> None:
        digest, other = open_store(url).put_many([DATA, b"other"])
        signed = UrlSigner(url, 1, LOG).url_of(digest, *HEADERS)
        assert signed is not None
        assert signed.max_age_s == 0
        for forged in (
            signed.url.replace("attachment", "inline"),
            signed.url.replace(f"{digest.hex[:2]}/{digest.hex}", f"{other.hex[:2]}/{other.hex}"),
            signed.url.partition("?")[0],
        ):
            assert forged != signed.url
            assert fetched(forged).status_code in (400, 401, 403, 404)
        time.sleep(2.1)
        assert fetched(signed.url).status_code in (400, 403)


class TestSignedByRclone(SigningSuite):
    """The S3 server that checks signatures; moto's does not."""

    @pytest.fixture(scope="module")
    @staticmethod
    def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        pytest.importorskip("s3fs")
        login = f"{servers.USER},{servers.PASSWORD}"
        with servers.rclone("s3", tmp_path_factory.mktemp("served"), "--auth-key", login) as port:
            yield f"http://127.0.0.1:{port}"

    @pytest.fixture(params=["s3fs", "obstore"])
    def url(self, request: pytest.FixtureRequest, endpoint: str, s3_credentials: None) -> str:
        pytest.importorskip(request.param)
        driver = "&driver=obstore" if request.param == "obstore" else ""
        return f"s3://{servers.new_bucket(endpoint)}/outputs?endpoint_url={endpoint}{driver}"


class TestSignedForAzurite(SigningSuite):
    @pytest.fixture(scope="module")
    @staticmethod
    def connection() -> Iterator[str]:
        pytest.importorskip("adlfs")
        with servers.azurite() as connection:
            yield connection

    @pytest.fixture
    def url(self, connection: str, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
        return f"abfs://{servers.new_container(connection)}/outputs"


def test_credentials_that_cannot_sign_are_said_once_and_the_server_serves(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("adlfs")
    for name in ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", "sv=1&sig=" + servers.PASSWORD)
    signer = UrlSigner("abfs://container/outputs", 60, LOG)
    assert [signer.url_of(Digest.of(b""), *HEADERS) for _ in range(3)] == [None] * 3
    assert len(caplog.records) == 1
    assert "sign no addresses" in caplog.text
    assert servers.PASSWORD not in caplog.text


@pytest.mark.parametrize("url", ["/srv/outputs", "memory://x/y", "sftp://host/outputs", "webdav://host/outputs"])
def test_a_store_that_signs_nothing_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(InvalidSetting, match=r"only S3, Azure and Google.* Set it to 0"):
        UrlSigner(url, 60, LOG)


def test_an_address_of_google_is_signed_with_type_and_disposition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No emulator checks these."""
    pytest.importorskip("gcsfs")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(servers.google_account(tmp_path)))
    signed = UrlSigner("gs://bucket/outputs", 60, LOG).url_of(Digest.of(b"abc"), *HEADERS)
    assert signed is not None
    query = httpx.URL(signed.url).params
    assert urlsplit(signed.url).path.endswith(Digest.of(b"abc").hex)
    assert query["X-Goog-Expires"] == "60"
    assert (query["response-content-type"], query["response-content-disposition"]) == HEADERS
    assert query["X-Goog-Signature"]
