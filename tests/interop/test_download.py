"""File → Download Complete Notebook: what the server gives for it."""

from __future__ import annotations

import base64
import json
import random
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.testing.server import LabServer

from .notebooks import complete, with_references, write


@pytest.fixture
def store(server: LabServer) -> ArtifactStore:
    return open_store(str(server.data_dir / "crdt-outputs"))


def get(client: httpx.Client, name: str, query: str = "", **headers: str) -> httpx.Response:
    return client.get(f"api/crdt-outputs/notebooks/{name}{query}", headers=headers)


def test_a_file_with_references_comes_complete_as_nbformat_would_write_it(
    server: LabServer, client: httpx.Client, store: ArtifactStore
) -> None:
    (server.root_dir / "a folder").mkdir(exist_ok=True)
    expected = write(server.root_dir / "a folder" / "größe.ipynb", complete()).read_bytes()
    write(server.root_dir / "a folder" / "größe.ipynb", with_references(store))
    answer = get(client, "a%20folder/gr%C3%B6%C3%9Fe.ipynb")
    assert answer.status_code == 200
    assert answer.content == expected
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "gr%C3%B6%C3%9Fe.ipynb" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"] == "application/x-ipynb+json"
    assert get(client, "a%20folder/gr%C3%B6%C3%9Fe.ipynb", "?check=1").status_code == 204


def test_a_complete_file_comes_as_it_is(server: LabServer, client: httpx.Client) -> None:
    text = json.dumps(complete(), indent=7).encode()  # as no program of ours would write it
    (server.root_dir / "odd.ipynb").write_bytes(text)
    answer = get(client, "odd.ipynb")
    assert answer.content == text
    assert answer.headers["Content-Length"] == str(len(text))


def test_a_missing_artifact_is_a_message_that_names_the_cell_before_a_byte_is_sent(
    server: LabServer, client: httpx.Client, store: ArtifactStore
) -> None:
    thin = json.dumps(with_references(store)["cells"][3]["outputs"][0])
    digest = thin.partition('"sha256": "')[2][:64]
    notebook = json.loads(json.dumps(with_references(store)).replace(digest, "0" * 64))
    write(server.root_dir / "missing.ipynb", notebook)
    for query in ("", "?check=1"):
        answer = get(client, "missing.ipynb", query)
        assert answer.status_code == 404
        assert answer.json()["message"].startswith("cell 4 (id plot), output 1: ")
        assert "Run the cell again" in answer.text
        assert str(server.data_dir) not in answer.text


@pytest.mark.parametrize(
    ("allowed", "status"),
    [("read:crdt-outputs", 403), ("read:contents", 403), ("read:crdt-outputs read:contents", 200)],
)
def test_a_user_needs_to_be_allowed_to_read_contents_and_outputs(
    server: LabServer, client: httpx.Client, allowed: str, status: int
) -> None:
    write(server.root_dir / "mine.ipynb", complete())
    assert get(client, "mine.ipynb", **{"X-Test-Allowed": allowed, "X-Test-Strict": "1"}).status_code == status


def test_nobody_gets_anything_without_a_login(server: LabServer) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as stranger:
        assert stranger.get("api/crdt-outputs/notebooks/mine.ipynb").status_code == 403


@pytest.mark.parametrize("path", ["nothing.ipynb", "%2e%2e/config/jupyter_server_config.json", ".hidden.ipynb"])
def test_what_is_no_notebook_of_the_contents_is_not_found(server: LabServer, client: httpx.Client, path: str) -> None:
    write(server.root_dir / ".hidden.ipynb", complete())
    assert get(client, path).status_code in (400, 404)


def test_a_store_that_fails_in_the_middle_ends_the_connection_and_not_the_notebook(
    server: LabServer, client: httpx.Client, store: ArtifactStore
) -> None:
    notebook = complete()
    for number in range(16):
        picture = base64.b64encode(random.Random(number).randbytes(4_000_000)).decode()
        output = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
        notebook["cells"].append({**complete()["cells"][2], "id": f"more-{number}", "outputs": [output]})
    thin = with_references(store, notebook)
    write(server.root_dir / "large.ipynb", thin)
    address = urlsplit(server.url)
    request = (
        f"GET /api/crdt-outputs/notebooks/large.ipynb HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: token {server.token}\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=60) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(request.encode())
        assert b"200 OK" in connection.recv(1000)
        time.sleep(0.5)  # the server now waits for us, with the most part still to read
        assert server.process.memory_info().rss < 1_000_000_000
        for artifact in Path(server.data_dir / "crdt-outputs" / "sha256").rglob("*"):
            if artifact.is_file() and artifact.stat().st_size > 500_000:
                artifact.unlink()
        received = b""
        while chunk := connection.recv(1 << 20):
            received += chunk
    assert not received.endswith(b"0\r\n\r\n"), "that would say that this was all"
    assert "the download of large.ipynb ends before its end" in server.log_tail()
    assert client.get("api/status").status_code == 200
