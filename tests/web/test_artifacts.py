"""Artifacts over HTTP, as a browser, a stranger and a broken disk would have it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.layout import key_of

from .conftest import Server

TEXT = b"0123456789" * 50_000
LARGE = 200_000_000
CSP = "sandbox; default-src 'none'"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def digest(server: Server) -> Digest:
    return server.store.put(TEXT)


@pytest.fixture(scope="module")
def large(server: Server) -> Digest:
    return server.store.put(os.urandom(1_000_000) * (LARGE // 1_000_000))


class TestWhoMayRead:
    """I6: holding a digest grants no access."""

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_without_a_token_nobody_reads(self, server: Server, digest: Digest, method: str) -> None:
        with httpx.Client(base_url=server.url, trust_env=False) as stranger:
            answer = stranger.request(method, server.artifact(digest))
        assert answer.status_code == 403
        assert TEXT[:10] not in answer.content
        if method == "GET":
            assert answer.json() == {"message": "Forbidden", "reason": "Forbidden"}

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("allowed", ["", "write:crdt-outputs execute:crdt-outputs", "read:contents"])
    def test_a_known_user_who_may_not_read_outputs_gets_403_also_after_somebody_who_may(
        self, server: Server, client: httpx.Client, digest: Digest, method: str, allowed: str
    ) -> None:
        assert client.request(method, server.artifact(digest)).status_code == 200
        answer = client.request(method, server.artifact(digest), headers={"X-Test-Allowed": allowed})
        assert answer.status_code == 403
        assert TEXT[:10] not in answer.content
        unchanged = {"X-Test-Allowed": allowed, "If-None-Match": f'"{digest}"'}
        assert client.request(method, server.artifact(digest), headers=unchanged).status_code == 403

    def test_what_a_digest_names_is_not_told_to_who_may_not_read(self, server: Server, client: httpx.Client) -> None:
        """Missing, malformed and existing look the same."""
        for name in (Digest.of(b"never put"), "malformed"):
            answer = client.get(server.artifact(str(name)), headers={"X-Test-Allowed": ""})
            assert answer.status_code == 403

    def test_another_site_cannot_read(self, server: Server, client: httpx.Client, digest: Digest) -> None:
        cookies = {"Authorization": "", "Origin": "http://evil.example"}
        assert client.get(server.artifact(digest), headers=cookies).status_code in (403, 404)
        answer = client.get(server.artifact(digest))
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers.get("Access-Control-Allow-Origin", "") == ""


class TestWhole:
    def test_the_raw_bytes_come_with_the_headers_that_a_browser_needs(
        self, server: Server, client: httpx.Client, digest: Digest
    ) -> None:
        answer = client.get(server.artifact(digest), params={"type": "text/plain"})
        assert answer.status_code == 200
        assert answer.content == TEXT
        expected = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(TEXT)),
            "Content-Disposition": "inline",
            "Etag": f'"{digest}"',
            "Cache-Control": "private, max-age=31536000, immutable",
            "Accept-Ranges": "bytes",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Site": "kept",
        }
        assert {name: answer.headers.get(name) for name in expected} == expected
        assert answer.headers["Content-Security-Policy"].startswith(CSP)
        assert answer.headers.get("Content-Encoding", "identity") == "identity", "compression would drop the length"

    def test_head_says_what_get_would(self, server: Server, client: httpx.Client, digest: Digest) -> None:
        head = client.head(server.artifact(digest), params={"type": "text/html"})
        get = client.get(server.artifact(digest), params={"type": "text/html"})
        assert head.content == b""
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}

    @pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 1_000_000])
    def test_every_size_arrives_whole(self, server: Server, client: httpx.Client, size: int) -> None:
        data = os.urandom(size)
        answer = client.get(server.artifact(server.store.put(data)))
        assert answer.status_code == 200
        assert answer.content == data
        assert answer.headers["Content-Length"] == str(size)

    @pytest.mark.parametrize(
        ("asked", "content_type", "inline"),
        [
            ("image/png", "image/png", True),
            ("image/jpeg", "image/jpeg", True),
            ("application/json", "application/json", True),
            ("application/vnd.vegalite.v5+json", "application/json", True),
            ("application/geo+json", "application/json", True),
            ("IMAGE/PNG; x=y", "image/png", True),
            ("image/svg+xml", "image/svg+xml", False),
            ("text/html", "text/html; charset=utf-8", False),
            ("application/javascript", "application/javascript", False),
            ("text/xml", "text/xml; charset=utf-8", False),
            ("application/pdf", "application/pdf", False),
            ("application/x-shockwave-flash", "application/octet-stream", False),
            ("multipart/x-mixed-replace", "application/octet-stream", False),
            ("", "application/octet-stream", False),
            ("image/png\r\nX-Injected: 1", "application/octet-stream", False),
            ("text/html/../plain", "application/octet-stream", False),
        ],
    )
    def test_a_type_is_served_as_what_it_is_and_only_an_inert_one_opens_in_a_browser(
        self, server: Server, client: httpx.Client, digest: Digest, asked: str, content_type: str, inline: bool
    ) -> None:
        answer = client.get(server.artifact(digest), params={"type": asked})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["Content-Disposition"].split(";")[0] == ("inline" if inline else "attachment")
        assert answer.headers["Content-Security-Policy"].startswith(CSP)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "X-Injected" not in answer.headers

    def test_a_download_has_a_name_with_the_right_ending(
        self, server: Server, client: httpx.Client, digest: Digest
    ) -> None:
        answer = client.get(server.artifact(digest), params={"type": "image/png", "download": "1"})
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{digest.hex[:12]}.png"'
        assert answer.headers["Content-Type"] == "image/png"


class TestConditional:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
    def test_what_the_browser_has_is_not_sent_again(
        self, server: Server, client: httpx.Client, digest: Digest, known: str, method: str
    ) -> None:
        answer = client.request(method, server.artifact(digest), headers={"If-None-Match": known.format(digest)})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["Etag"] == f'"{digest}"'
        assert "immutable" in answer.headers["Cache-Control"]

    def test_another_tag_gets_the_whole(self, server: Server, client: httpx.Client, digest: Digest) -> None:
        answer = client.get(server.artifact(digest), headers={"If-None-Match": '"other"'})
        assert (answer.status_code, answer.content) == (200, TEXT)

    def test_a_missing_artifact_is_missing_whatever_the_browser_has(self, server: Server, client: httpx.Client) -> None:
        missing = Digest.of(b"never put")
        for known in (f'"{missing}"', "*"):
            assert client.get(server.artifact(missing), headers={"If-None-Match": known}).status_code == 404


class TestRanges:
    @pytest.mark.parametrize(
        ("asked", "start", "stop"),
        [
            ("bytes=0-0", 0, 1),
            ("bytes=10-19", 10, 20),
            ("bytes=300000-", 300_000, 500_000),
            ("bytes=-7", 499_993, 500_000),
            ("bytes=-9999999", 0, 500_000),
            ("bytes=0-9999999", 0, 500_000),
            ("Bytes = 5 - 6", 5, 7),
        ],
    )
    def test_one_range_is_sent_alone(
        self, server: Server, client: httpx.Client, digest: Digest, asked: str, start: int, stop: int
    ) -> None:
        answer = client.get(server.artifact(digest), params={"type": "text/plain"}, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.content == TEXT[start:stop]
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(TEXT)}"
        assert answer.headers["Content-Length"] == str(stop - start)

    @pytest.mark.parametrize("asked", ["bytes=500000-", "bytes=600000-700000", "bytes=-0"])
    def test_a_range_behind_the_end_is_refused(
        self, server: Server, client: httpx.Client, digest: Digest, asked: str
    ) -> None:
        answer = client.get(server.artifact(digest), headers={"Range": asked})
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == f"bytes */{len(TEXT)}"
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.json()) == {"message", "reason"}

    @pytest.mark.parametrize(
        "asked", ["bytes=0-1,5-6", "bytes=9-3", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=٣-٤", "bytes=--5", ""]
    )
    def test_what_is_no_single_range_gets_the_whole(
        self, server: Server, client: httpx.Client, digest: Digest, asked: str
    ) -> None:
        answer = client.get(server.artifact(digest), headers=[(b"Range", asked.encode())])
        assert (answer.status_code, answer.content) == (200, TEXT)

    def test_if_range_of_this_artifact_allows_the_range_and_any_other_gets_the_whole(
        self, server: Server, client: httpx.Client, digest: Digest
    ) -> None:
        expected = {f'"{digest}"': 206, '"other"': 200, f'W/"{digest}"': 200, "Sat, 01 Nov 2025 00:00:00 GMT": 200}
        for tag, status in expected.items():
            answer = client.get(server.artifact(digest), headers={"Range": "bytes=0-9", "If-Range": tag})
            assert answer.status_code == status, tag


class TestBadInput:
    @pytest.mark.parametrize(
        "name",
        [
            "..",
            "%2e%2e",
            "%2e",
            "..%2f..%2fetc%2fpasswd",
            "%00",
            "{}%00",
            "{}%0a",
            "abc",
            "{}0",
            "{:.63}",
            "%ff",
            "sha256:{}",
        ],
    )
    def test_what_is_no_digest_is_refused_clearly(self, server: Server, digest: Digest, name: str) -> None:
        """Sent by hand: clients tidy up such paths."""
        status, body = raw_get(server, server.artifact(name.format(digest.hex)))
        assert status == 400
        assert b'"message"' in body
        assert b'"reason"' in body

    def test_upper_case_is_refused_and_the_message_says_what_is_expected(
        self, server: Server, client: httpx.Client, digest: Digest
    ) -> None:
        answer = client.get(server.artifact(digest.hex.upper()))
        assert answer.status_code == 400
        assert "64 lower-case hexadecimal digits" in answer.json()["message"]
        assert answer.json()["reason"] == "InvalidDigest"
        assert answer.headers["Content-Security-Policy"].startswith(CSP)
        assert answer.headers["Cache-Control"] == "no-store"

    def test_percent_signs_in_a_message_come_through(self, server: Server, client: httpx.Client) -> None:
        assert "'100%s'" in client.get(server.artifact("100%25s")).json()["message"]

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    def test_nothing_can_be_written(self, server: Server, client: httpx.Client, digest: Digest, method: str) -> None:
        assert client.request(method, server.artifact(digest)).status_code in (403, 405)
        assert server.store.get(digest) == TEXT


class TestFaults:
    def test_a_missing_artifact_is_named(self, server: Server, client: httpx.Client) -> None:
        missing = Digest.of(b"never put")
        answer = client.get(server.artifact(missing))
        assert answer.status_code == 404
        assert answer.json()["reason"] == "ArtifactMissing"
        assert missing.hex in answer.json()["message"]
        assert answer.headers["Cache-Control"] == "no-store"

    def test_what_is_missing_says_what_to_do_and_only_the_log_where_the_store_is(
        self, server: Server, client: httpx.Client
    ) -> None:
        missing = Digest.of(b"never put either")
        told = client.get(server.artifact(missing)).json()["message"]
        assert "Run the cell again" in told
        assert str(server.store_root) not in told
        assert f"{server.store_root} holds no artifact {missing}" in server.log.read_text()

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: b"x" + data[1:]])
    def test_a_damaged_artifact_is_an_error_also_when_it_was_served_before(
        self, server: Server, client: httpx.Client, damage: object, method: str
    ) -> None:
        """I2."""
        assert callable(damage)
        data = os.urandom(600_000)
        damaged = server.store.put(data)
        assert client.get(server.artifact(damaged)).content == data
        path = server.store_root / key_of(damaged)
        path.write_bytes(damage(data))
        answer = client.request(method, server.artifact(damaged))
        assert answer.status_code == 502
        assert answer.headers["Cache-Control"] == "no-store"
        ranged = client.get(server.artifact(damaged), headers={"Range": "bytes=0-9"})
        assert ranged.status_code in (416, 502)
        if method == "GET":
            assert answer.json()["reason"] == "ArtifactCorrupt"
        server.store.put(data)
        assert client.get(server.artifact(damaged)).content == data, "healed by the next put"

    def test_a_store_that_does_not_answer_is_503(self, server: Server, client: httpx.Client) -> None:
        candidates = (Digest.of(b"behind a link %d" % number) for number in range(256))
        unreachable = next(each for each in candidates if not (server.store_root / key_of(each)).parent.exists())
        link = (server.store_root / key_of(unreachable)).parent
        link.symlink_to(server.store_root)
        try:
            answer = client.get(server.artifact(unreachable))
        finally:
            link.unlink()
        assert answer.status_code == 503
        assert answer.json()["reason"] == "StoreUnavailable"

    def test_a_store_that_fails_in_mid_stream_cuts_the_connection_short(
        self, server: Server, client: httpx.Client
    ) -> None:
        """Never the right length with the wrong bytes."""
        large = server.store.put(os.urandom(8_000_000))
        fails = Path(f"{server.store_root}-fails")
        fails.touch()
        try:
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(server.artifact(large))
        finally:
            fails.unlink()
        assert len(client.get(server.artifact(large)).content) == 8_000_000


class TestLarge:
    def test_a_large_artifact_is_streamed_in_little_memory(
        self, server: Server, client: httpx.Client, large: Digest
    ) -> None:
        if not Path(f"/proc/{server.pid}/status").exists():
            pytest.skip("needs /proc to see the peak memory of the server")
        client.get(server.artifact(server.store.put(b"warm")))
        before = memory(server, "VmRSS")
        with client.stream("GET", server.artifact(large)) as answer:
            received = sum(map(len, answer.iter_raw()))
        assert received == LARGE
        assert memory(server, "VmHWM") - before < 40_000_000

    def test_a_client_that_does_not_read_or_leaves_stops_the_reading(
        self, server: Server, client: httpx.Client, large: Digest
    ) -> None:
        """Back-pressure, and no work for nobody."""
        client.head(server.artifact(large))  # verified before we count
        before = client.get("test/watch").json()
        with socket.create_connection(address(server)) as connection:
            connection.sendall(request(server, server.artifact(large)))
            assert connection.recv(1000)
        after = before
        deadline = time.monotonic() + 60
        while after["ended"] == before["ended"] and time.monotonic() < deadline:
            time.sleep(0.05)
            after = client.get("test/watch").json()
        assert after["ended"] == before["ended"] + 1, "the handler is done with a client that left"
        chunks = LARGE // (256 * 1024)
        assert 0 < after["reads"] - before["reads"] < chunks / 2
        assert "StreamClosedError" not in server.log.read_text(), "a client that leaves is no error"


def test_the_route_works_without_what_the_tests_added(server: Server, client: httpx.Client, digest: Digest) -> None:
    assert client.get("plain/" + server.artifact(digest)).content == TEXT


def memory(server: Server, what: str) -> int:
    """Of the server's process, in bytes: VmRSS, what it has now; VmHWM, the most it ever had."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def address(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def request(server: Server, path: str) -> bytes:
    target = urlsplit(server.url).path + path
    host = "{}:{}".format(*address(server))
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: token {server.token}\r\n\r\n".encode()


def raw_get(server: Server, path: str) -> tuple[int, bytes]:
    with socket.create_connection(address(server)) as connection:
        connection.sendall(request(server, path).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body
