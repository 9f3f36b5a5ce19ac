"""With ``signed_url_s``, the real server sends whoever may read an artifact to a real bucket."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.testing.server import LabServer

from ..store import servers

SECONDS = 100
TEXT = b"0123456789" * 50_000


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a store on a server that checks signatures, whose credentials are in the environment."""
    pytest.importorskip("s3fs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", servers.USER)
        patch.setenv("AWS_SECRET_ACCESS_KEY", servers.PASSWORD)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        login = f"{servers.USER},{servers.PASSWORD}"
        with servers.rclone("s3", tmp_path_factory.mktemp("served"), "--auth-key", login) as port:
            endpoint = f"http://127.0.0.1:{port}"
            yield f"s3://{servers.new_bucket(endpoint)}/outputs?endpoint_url={endpoint}"


@pytest.fixture(scope="module")
def server(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    config: dict[str, dict[str, Any]] = {
        "CrdtOutputsApp": {"store_url": bucket, "signed_url_s": SECONDS},
        "ServerApp": {"authorizer_class": "tests.web.served.ReadersOnly"},
    }
    with LabServer(tmp_path_factory.mktemp("lab"), config=config) as server:
        yield server


@pytest.fixture(scope="module")
def store(bucket: str) -> ArtifactStore:
    return open_store(bucket)


def ask(server: LabServer, digest: Digest, method: str = "GET", query: str = "", **headers: str) -> httpx.Response:
    url = f"{server.url}api/crdt-outputs/artifacts/{digest}{query}"
    return httpx.request(method, url, headers={**server.headers, **headers}, trust_env=False)


@pytest.mark.parametrize(
    ("query", "content_type", "disposition"),
    [
        ("?type=image/png", "image/png", "inline"),
        ("?type=text/html", "text/html; charset=utf-8", 'attachment; filename="{}.html"'),
        ("?type=image/svg%2Bxml", "image/svg+xml", 'attachment; filename="{}.svg"'),
        ("?type=image/png&download=1", "image/png", 'attachment; filename="{}.png"'),
        ("", "application/octet-stream", 'attachment; filename="{}.bin"'),
    ],
)
def test_the_way_leads_to_the_bytes_with_the_headers_that_the_server_would_have_sent(
    server: LabServer, store: ArtifactStore, query: str, content_type: str, disposition: str
) -> None:
    digest = store.put(TEXT)
    answer = ask(server, digest, query=query)
    assert answer.status_code == 302
    fetched = httpx.get(answer.headers["Location"], trust_env=False)
    assert (fetched.status_code, fetched.content) == (200, TEXT)
    assert fetched.headers["Content-Type"] == content_type
    assert fetched.headers["Content-Disposition"] == disposition.format(digest.hex[:12])


def test_the_way_is_private_and_believed_for_less_than_it_works(server: LabServer, store: ArtifactStore) -> None:
    answer = ask(server, store.put(TEXT))
    how, age = answer.headers["Cache-Control"].split(", max-age=")
    assert how == "private"
    assert SECONDS / 3 < int(age) < SECONDS
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.content == b""
    assert "Etag" not in answer.headers


def test_only_who_may_read_is_sent_anywhere(server: LabServer, store: ArtifactStore) -> None:
    """I6."""
    digest = store.put(TEXT)
    for headers in ({"X-Test-Allowed": ""}, {"Authorization": "token wrong"}):
        answer = ask(server, digest, **headers)
        assert answer.status_code == 403
        assert "Location" not in answer.headers


def test_what_is_nowhere_is_missing(server: LabServer) -> None:
    assert ask(server, Digest.of(b"never put")).status_code == 404


def test_the_server_itself_says_how_large_it_is_and_that_it_is_cached(server: LabServer, store: ArtifactStore) -> None:
    digest = store.put(TEXT)
    head = ask(server, digest, "HEAD", "?type=text/html")
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(TEXT)))
    assert ask(server, digest, **{"If-None-Match": f'"{digest}"'}).status_code == 304


def test_what_waits_to_be_stored_is_served_here(server: LabServer, bucket: str) -> None:
    spool = server.data_dir / "crdt-outputs-spool" / sha256(bucket.encode()).hexdigest()[:16] / "spool"
    digest = open_store(str(spool)).put(b"still here")
    answer = ask(server, digest)
    assert (answer.status_code, answer.content) == (200, b"still here")


def test_no_secret_is_in_an_answer_or_a_log(server: LabServer, store: ArtifactStore) -> None:
    answer = ask(server, store.put(TEXT))
    assert servers.PASSWORD not in answer.text + str(answer.headers)
    assert servers.PASSWORD not in httpx.get(f"{server.url}lab", headers=server.headers, trust_env=False).text
    logged = server.log_path.read_text()
    assert servers.PASSWORD not in logged
    assert "X-Amz-Signature" not in logged


def test_a_store_that_signs_nothing_ends_the_start_with_what_would_be_right(tmp_path: Path) -> None:
    config = {"CrdtOutputsApp": {"signed_url_s": 60}}
    server = LabServer(tmp_path, config=config)
    with pytest.raises(Exception, match="Set it to 0"):
        server.start()
    server.stop()
