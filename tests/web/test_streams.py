"""Long streams over HTTP: as one file, by lines, from the end, and searched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import LongStreamReference, reference_in

from .conftest import Server

LINES = [f"line {number} é" for number in range(300_000)]
TEXT = "\n".join(LINES) + "\n"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def stream(server: Server) -> str:
    offloaded = offload({"output_type": "stream", "name": "stdout", "text": TEXT}, Policy())
    server.store.put_many(list(offloaded.artifacts.values()))
    reference = reference_in(offloaded.output)
    assert isinstance(reference, LongStreamReference)
    assert reference.lines == len(LINES)
    return f"api/crdt-outputs/streams/{reference.index.digest}"


def test_the_whole_is_one_text(client: httpx.Client, stream: str) -> None:
    answer = client.get(stream)
    assert answer.content == TEXT.encode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(stream, headers={"If-None-Match": answer.headers["Etag"]}).status_code == 304


@pytest.mark.parametrize("span", [(0, 9), (1_048_570, 1_048_590), (2_000_000, 3_500_000)])
def test_a_range_goes_over_the_borders_of_segments(client: httpx.Client, stream: str, span: tuple[int, int]) -> None:
    answer = client.get(stream, headers={"Range": f"bytes={span[0]}-{span[1]}"})
    assert answer.status_code == 206
    assert answer.content == TEXT.encode()[span[0] : span[1] + 1]
    assert answer.headers["Content-Range"] == f"bytes {span[0]}-{span[1]}/{len(TEXT.encode())}"


def test_a_head_says_how_long_it_is_and_a_download_has_a_name(client: httpx.Client, stream: str) -> None:
    answer = client.head(stream, params={"download": "1"})
    assert int(answer.headers["Content-Length"]) == len(TEXT.encode())
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Disposition"].endswith('.txt"')


def test_lines_are_counted_from_the_beginning_and_from_the_end(client: httpx.Client, stream: str) -> None:
    some = client.get(f"{stream}/lines", params={"from": 123_456, "count": 3}).json()
    assert some["first"] == 123_456
    assert some["lines"] == LINES[123_456:123_459]
    assert (some["total"], some["size"], some["live"]) == (300_000, len(TEXT.encode()), False)
    last = client.get(f"{stream}/lines", params={"tail": 2}).json()
    assert (last["first"], last["lines"]) == (299_998, LINES[-2:])
    assert client.get(f"{stream}/lines", params={"from": 10**9}).json()["lines"] == []
    assert len(client.get(f"{stream}/lines", params={"count": 10**9}).json()["lines"]) == 5000


@pytest.mark.parametrize("query", ["from=-1", "from=x", "count=1.5", "tail=", "from=" + "9" * 30, "from=²"])
def test_numbers_that_are_none_are_refused(client: httpx.Client, stream: str, query: str) -> None:
    answer = client.get(f"{stream}/lines?{query}")
    assert answer.status_code == 400
    assert "not a number" in answer.json()["message"]


def search(client: httpx.Client, stream: str, **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"{stream}/search", params=query)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_search_lists_what_it_finds_and_counts_on(client: httpx.Client, stream: str) -> None:
    parts = search(client, stream, q="LINE 123456 ")
    assert [hit for part in parts for hit in part["hits"]] == [[123_456, 0, 12]]
    assert parts[-1]["done"] is True
    assert parts[-1]["count"] == 1
    assert search(client, stream, q="LINE 1", case="1")[-1]["count"] == 0
    many = search(client, stream, q="line")
    assert many[-1]["count"] == 300_000
    assert sum(len(part["hits"]) for part in many) == 10_000
    assert search(client, stream, q=r"^line \d00000 é$", regex="1")[-1]["count"] == 2


@pytest.mark.parametrize("query", ["", "q=", "q=(&regex=1"])
def test_what_cannot_be_searched_for_is_refused(client: httpx.Client, stream: str, query: str) -> None:
    answer = client.get(f"{stream}/search?{query}")
    assert answer.status_code == 400
    assert answer.json()["reason"] == "InvalidPattern"


@pytest.mark.parametrize("answer", ["", "/lines", "/search?q=x"])
class TestAll:
    """What holds for every question about a stream."""

    def test_a_stranger_learns_nothing(self, server: Server, stream: str, answer: str) -> None:
        with httpx.Client(base_url=server.url, trust_env=False) as stranger:
            assert stranger.get(stream + answer).status_code == 403

    def test_a_user_who_may_not_read_outputs_gets_403(self, client: httpx.Client, stream: str, answer: str) -> None:
        assert client.get(stream + answer, headers={"X-Test-Allowed": "write:crdt-outputs"}).status_code == 403

    @pytest.mark.parametrize(
        ("name", "status", "reason"),
        [
            ("0" * 64, 404, "ArtifactMissing"),
            ("0" * 32, 404, "LogMissing"),
            ("G" * 32, 404, "LogMissing"),
            ("G" * 64, 400, "InvalidDigest"),
            ("%2e%2e%2f" + "a" * 29, 404, "LogMissing"),
        ],
    )
    def test_what_is_not_there_is_said_to_be_so(
        self, client: httpx.Client, answer: str, name: str, status: int, reason: str
    ) -> None:
        found = client.get(f"api/crdt-outputs/streams/{name}{answer}")
        assert (found.status_code, found.json()["reason"]) == (status, reason)

    def test_an_artifact_that_is_no_index_is_no_stream(self, server: Server, client: httpx.Client, answer: str) -> None:
        found = client.get(f"api/crdt-outputs/streams/{server.store.put(b'a text')}{answer}")
        assert (found.status_code, found.json()["reason"]) == (400, "InvalidReference")

    def test_nothing_in_an_answer_runs(self, client: httpx.Client, stream: str, answer: str) -> None:
        headers = client.get(stream + answer).headers
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
