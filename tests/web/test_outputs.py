"""Outputs over HTTP as programs and agents read them, of notebooks that are open and of such that are not."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from jupyter_crdt_outputs.model.views import NotebookView
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import opened
from ..notebooks.cells import code, markdown, notebook
from ..notebooks.outputs import display, error, png, stream

EXTENSIONS = Path(__file__).parent / "extensions"
LONG = "".join(f"line {number} of many\n" for number in range(200_000))  # several segments
PICTURE = png(random.Random(5), 600, 400)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    config: dict[str, dict[str, Any]] = {"ServerApp": {"authorizer_class": "refusing.Refusing"}}
    with LabServer(tmp_path_factory.mktemp("outputs"), config=config, python_path=[EXTENSIONS]) as running:
        write(running, "all.ipynb", everything())
        yield running


@pytest.fixture(scope="module")
def client(server: LabServer) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{server.url}api/crdt-outputs/", headers=server.headers, trust_env=False, timeout=60
    ) as client:
        yield client


def everything() -> dict[str, Any]:
    picture = {"image/png": base64.b64encode(PICTURE).decode(), "text/plain": "<Figure>"}
    return notebook(
        markdown("# A title", id="title"),
        code(stream("short\nand sweet\n"), stream("\x1b[31mcareful\x1b[0m\n", "stderr"), source="one()", id="one"),
        code(stream(LONG), id="long"),
        code(display(picture), id="picture"),
        code(error(["\x1b[0;31mTraceback\x1b[0m", "ZeroDivisionError: division by zero"]), id="error"),
        code(display({"image/svg+xml": "<svg/>", "application/pdf": "JVBERi0=\n", "text/html": "<b>h</b>"}), id="odd"),
    )


def write(server: LabServer, name: str, content: dict[str, Any]) -> str:
    (server.root_dir / name).parent.mkdir(parents=True, exist_ok=True)
    (server.root_dir / name).write_text(json.dumps(content, indent=1))
    return name


def view(client: httpx.Client, **query: Any) -> NotebookView:
    answer = client.get("outputs", params=query if "room" in query else {"path": "all.ipynb", **query})
    assert answer.status_code == 200, answer.text
    return NotebookView.parse(answer.json())


def told(found: NotebookView) -> list[tuple[Any, ...]]:
    return [
        (
            cell.id,
            cell.type,
            output.type,
            output.text,
            output.left_out,
            output.ename,
            [part.mime for part in output.parts],
        )
        for cell, output in found
    ]


async def test_an_open_notebook_reads_as_its_file_does(server: LabServer, client: httpx.Client) -> None:
    def source() -> str:
        return view(client, path="twice.ipynb", index=0, sources=1).cells[0].source or ""

    write(server, "twice.ipynb", everything())
    closed = view(client, path="twice.ipynb")
    assert closed.room is None
    async with opened(server, "twice.ipynb") as tab:
        live = view(client, path="twice.ipynb")
        by_room = view(client, room=live.room)
        text = tab.room.cells()[0]["source"]
        text += " that is not saved"
        async with asyncio.timeout(30):
            while not (await asyncio.to_thread(source)).endswith("that is not saved"):  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.05)
        await tab.shut_down_kernel()
    assert told(live) == told(closed)
    assert by_room == live
    assert live.cells[2].outputs[0].lines == 200_000
    assert live.cells[2].outputs[0].stream
    assert not any(part.inline for part in live.cells[3].outputs[0].parts)
    assert closed.cells[3].outputs[0].parts[0].inline


def test_cells_are_given_by_id_by_index_and_by_range(client: httpx.Client) -> None:
    assert [cell.id for cell in view(client).cells] == ["title", "one", "long", "picture", "error", "odd"]
    assert [cell.id for cell in view(client, cell="long").cells] == ["long"]
    assert [cell.id for cell in view(client, index=-2).cells] == ["error"]
    assert [cell.id for cell in view(client, start=1, stop=3).cells] == ["one", "long"]
    assert view(client, start=1, stop=3).cells_in_all == 6
    assert view(client, cell="one").cells[0].source is None
    assert view(client, cell="one", sources=1).cells[0].source == "one()"


def test_an_error_has_a_name_a_value_and_a_traceback_without_colours(client: httpx.Client) -> None:
    (output,) = view(client, cell="error").cells[0].outputs
    assert (output.type, output.ename, output.evalue) == ("error", "ZeroDivisionError", "division by zero")
    assert output.text == "Traceback\nZeroDivisionError: division by zero"


def test_the_same_for_plain_reading(client: httpx.Client) -> None:
    asked = client.get("outputs", params={"path": "all.ipynb", "stop": 2, "sources": 1, "format": "text"})
    accepted = client.get(
        "outputs", params={"path": "all.ipynb", "stop": 2, "sources": 1}, headers={"Accept": "text/plain"}
    )
    assert asked.content == accepted.content
    assert asked.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert asked.text == (
        "# all.ipynb · 6 cells · python3\n## cell 0 · title · markdown\n# A title\n"
        "## cell 1 · one · code · [1]\none()\n-- 0 stream · stdout\nshort\nand sweet\n-- 1 stream · stderr\ncareful\n"
    )


@pytest.mark.parametrize("at", [{"cell": "long"}, {"index": 2}])
def test_lines_are_had_from_a_long_text_and_from_a_short_one(client: httpx.Client, at: dict[str, Any]) -> None:
    def lines(**query: Any) -> Any:
        return client.get("outputs/lines", params={"path": "all.ipynb", "output": 0, **query}).json()

    assert lines(**at, **{"from": 150_000, "count": 1})["lines"] == ["line 150000 of many"]
    assert lines(**at, tail=1)["lines"] == ["line 199999 of many"]
    assert lines(cell="one", tail=1)["lines"] == ["and sweet"]
    assert lines(cell="one", tail=1)["total"] == 2
    assert lines(cell="one", output=1)["lines"] == ["careful"]
    assert lines(cell="one", output=1, ansi=1)["lines"] == ["\x1b[31mcareful\x1b[0m"]
    assert lines(cell="error", **{"from": 1})["lines"] == ["ZeroDivisionError: division by zero"]


@pytest.mark.parametrize(
    ("cell", "query", "hits"), [("long", "line 150000 ", [[150_000, 0, 12]]), ("one", "SWEET", [[1, 4, 5]])]
)
def test_a_long_text_and_a_short_one_are_searched(
    client: httpx.Client, cell: str, query: str, hits: list[list[int]]
) -> None:
    answer = client.get("outputs/search", params={"path": "all.ipynb", "cell": cell, "output": 0, "q": query})
    parts = [json.loads(line) for line in answer.text.splitlines()]
    assert [hit for part in parts for hit in part["hits"]] == hits
    assert parts[-1]["done"] is True


def test_a_picture_comes_as_it_is_or_no_larger_than_is_asked_for(client: httpx.Client) -> None:
    def picture(**limits: int) -> httpx.Response:
        query: dict[str, Any] = {"path": "all.ipynb", "cell": "picture", "output": 0, **limits}
        answer = client.get("outputs/image", params=query)
        assert answer.headers["Content-Type"] == "image/png"
        return answer

    assert picture().content == picture(max_pixels=600).content == picture(max_bytes=len(PICTURE)).content == PICTURE
    small = picture(max_pixels=60)
    assert Image.open(io.BytesIO(small.content)).size == (60, 40)
    assert picture(max_pixels=60).headers["Etag"] == small.headers["Etag"] != picture().headers["Etag"]
    assert len(picture(max_bytes=20_000).content) <= 20_000


def test_a_picture_that_cannot_be_made_smaller_is_refused_in_words(client: httpx.Client) -> None:
    def asked(**query: Any) -> httpx.Response:
        return client.get("outputs/image", params={"path": "all.ipynb", "output": 0, **query})

    assert asked(cell="odd", max_bytes=100).text == "<svg/>"
    assert asked(cell="odd", max_bytes=2).json()["reason"] == "ImageTooLarge"
    assert asked(cell="odd", max_bytes=2).status_code == 422
    assert asked(cell="picture", max_bytes=10).status_code == 422
    assert asked(cell="one").status_code == 404


def test_every_part_is_where_the_view_says(server: LabServer, client: httpx.Client) -> None:
    found = view(client, cell="odd")
    parts = {
        part.mime: client.get(server.url.rstrip("/") + found.url_of(cell, output, part))
        for cell, output in found
        for part in output.parts
    }
    assert {mime: answer.content for mime, answer in parts.items()} == {
        "image/svg+xml": b"<svg/>",
        "application/pdf": b"%PDF-",
    }
    assert parts["application/pdf"].headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in parts["image/svg+xml"].headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ({}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "room": "x"}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "view": "html"}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "format": "xml"}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "cell": "one", "index": 1}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "max_chars": "many"}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "start": "1.5"}, 400, "InvalidRequest"),
        ({"path": "all.ipynb", "cell": "none"}, 404, "NotFound"),
        ({"path": "all.ipynb", "index": 6}, 404, "NotFound"),
        ({"path": "none.ipynb"}, 404, "NotFound"),
        ({"path": "../none.ipynb"}, 404, "NotFound"),
        ({"path": ".hidden/all.ipynb"}, 404, "NotFound"),
        ({"path": "no\0ne.ipynb"}, 404, "NotFound"),
        ({"path": "n" * 1000}, 404, "NotFound"),
        ({"path": ""}, 400, "NotANotebook"),
        ({"path": "text.txt"}, 400, "NotANotebook"),
        ({"path": "torn.ipynb"}, 400, "NotANotebook"),
        ({"room": "json:notebook:none"}, 404, "NotFound"),
        ({"room": "none"}, 404, "NotFound"),
    ],
)
def test_what_makes_no_sense_or_is_not_there_is_refused_in_words(
    server: LabServer, client: httpx.Client, query: dict[str, Any], status: int, reason: str
) -> None:
    write(server, ".hidden/all.ipynb", everything())
    (server.root_dir / "text.txt").write_text("no notebook")
    (server.root_dir / "torn.ipynb").write_text('{"cells": [')
    answer = client.get("outputs", params=query)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text


@pytest.mark.parametrize("refused", ["read:crdt-outputs", "read:contents"])
@pytest.mark.parametrize("place", ["outputs", "outputs/part", "outputs/image", "outputs/lines", "outputs/search"])
def test_only_who_may_read_contents_and_outputs_reads_these(client: httpx.Client, place: str, refused: str) -> None:
    query: dict[str, Any] = {"path": "all.ipynb", "cell": "picture", "output": 0, "q": "f", "type": "image/png"}
    assert client.get(place, params=query).status_code == 200
    assert client.get(place, params=query, headers={"X-Test-Refused": refused}).status_code == 403
    assert httpx.get(str(client.base_url) + place, params=query, trust_env=False).status_code == 403
