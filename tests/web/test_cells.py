"""Cells over HTTP: people see at once what a program does, and it sees what they do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest

from jupyter_crdt_outputs.client import Client
from jupyter_crdt_outputs.model.executions import source_digest
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import WAIT_S, notebook, write_notebook

EXTENSIONS = Path(__file__).parent / "extensions"
DIGEST = source_digest("1").hex


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    classes = {"authorizer_class": "refusing.Refusing", "contents_manager_class": "locked_files.Locking"}
    home = tmp_path_factory.mktemp("cells")
    with LabServer(home, config={"ServerApp": classes}, python_path=[EXTENSIONS]) as running:
        yield running


@pytest.fixture
def client(server: LabServer) -> Iterator[Client]:
    with Client(server.url, server.token) as client:
        yield client


def ask(server: LabServer, method: str, place: str, refused: str = "", **more: Any) -> httpx.Response:
    headers = {**server.headers, "X-Test-Refused": refused}
    url = f"{server.url}api/crdt-outputs/cells{place}"
    return httpx.request(method, url, headers=headers, trust_env=False, timeout=60, **more)


def saved(server: LabServer, path: str) -> list[tuple[str, str]]:
    """Types and sources as they are in a file."""
    read = json.loads((server.root_dir / path).read_text() or "{}")
    return [(cell["cell_type"], "".join(cell["source"])) for cell in read.get("cells", ())]


async def test_who_has_it_open_sees_what_a_program_edits_and_the_other_way_round(
    server: LabServer, client: Client
) -> None:
    async with notebook(server, "one = 1\ntwo = 2", "last") as tab:
        path, (first, last) = tab.path, tab.cell_ids()

        def sources() -> list[str]:
            return [str(cell["source"]) for cell in tab.room.cells()]

        made = await asyncio.to_thread(client.insert_cell, path, "between", below=first, tags=["t"])
        await tab.wait_until(lambda: tab.cell_ids() == [first, made.id, last])
        (seen, *_), typed = client.cells(path).cells, tab.cell(first)["source"]
        with tab.room.edit():
            typed.insert(7, "0")  # not seen: one = 10
        await tab.settle()
        changed = await asyncio.to_thread(
            client.edit_cell, path, first, source="one = 10\ntwo = 20", seen=source_digest("one = 10\ntwo = 2")
        )
        assert seen.source == "one = 1\ntwo = 2"
        assert changed.source == "one = 10\ntwo = 20"
        await tab.wait_until(lambda: sources() == ["one = 10\ntwo = 20", "between", "last"])
        await asyncio.to_thread(client.move_cell, path, last, index=0)
        await asyncio.to_thread(client.delete_cell, path, made)
        await tab.wait_until(lambda: sources() == ["last", "one = 10\ntwo = 20"])
        await tab.run_all()
        await asyncio.to_thread(client.edit_cell, path, client.cells(path, cell=last).cells[0], type="markdown")
        await tab.wait_until(lambda: tab.room.cells()[0]["cell_type"] == "markdown")
        found = client.cells(path)
        assert [(cell.type, cell.source) for cell in found.cells] == [
            ("markdown", "last"),
            ("code", "one = 10\ntwo = 20"),
        ]
        assert found.room is not None
        assert [cell.id for cell in client.cells(path, start=1).cells] == [first]
        await tab.save()
        assert saved(server, path) == [("markdown", "last"), ("code", "one = 10\ntwo = 20")]


async def test_a_notebook_that_nobody_has_open_is_edited_saved_and_kept_in_its_format(
    server: LabServer, client: Client
) -> None:
    path = write_notebook(server, ["1", "2"])
    file = server.root_dir / path
    content = nbformat.read(file, 4)
    for cell in content.cells:
        del cell["id"]
    content.nbformat_minor = 4
    nbformat.write(content, file)
    first, second = client.cells(path).cells
    assert client.cells(path, index=-1).cells == (second,)
    made = client.insert_cell(path, "# text", type="markdown", index=0)
    client.edit_cell(path, first, source="11")
    client.delete_cell(path, second)
    async with asyncio.timeout(WAIT_S):
        while saved(server, path) != [("markdown", "# text"), ("code", "11")]:  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.1)
    content = nbformat.read(file, 4)
    nbformat.validate(content)
    assert content.nbformat_minor == 4
    assert "id" not in content.cells[0]
    assert client.cells(path, cell=made.id).cells[0].source == "# text"
    closed = write_notebook(server, ["x"])
    assert client.cells(closed).room is None  # reading opens nothing


def test_what_runs_is_not_deleted_and_what_changed_not_edited(server: LabServer, client: Client) -> None:
    path = write_notebook(server, ["import time; time.sleep(60)"])
    (execution,) = client.start(path)
    while client.execution(execution).record.started_at is None:
        pass
    (cell,) = client.cells(path).cells
    query = {"path": path, "sha256": cell.sha256}
    refused = ask(server, "DELETE", f"/{cell.id}", params=query)
    assert (refused.status_code, refused.json()["reason"]) == (409, "NotNow")
    body = {"seen": {"source": "another"}, "source": "x"}
    stale = ask(server, "PATCH", f"/{cell.id}", params={"path": path}, json=body)
    assert (stale.status_code, stale.json()["reason"]) == (409, "SourceChanged")
    client.cancel(execution)
    client.wait(execution)
    assert ask(server, "DELETE", f"/{cell.id}", params=query).json()["cells_in_all"] == 1  # an empty one
    (left,) = client.cells(path).cells
    assert (left.source, left.type) == ("", "code")


SEEN = {"seen": {"sha256": DIGEST}}


@pytest.mark.parametrize(
    ("method", "place", "query", "body", "status", "reason"),
    [
        ("GET", "", {}, None, 400, "InvalidRequest"),
        ("GET", "", {"path": "none.ipynb"}, None, 404, "NotFound"),
        ("GET", "", {"path": "../n.ipynb"}, None, 404, "NotFound"),
        ("GET", "", {"path": "text.txt"}, None, 400, "NotANotebook"),
        ("GET", "", {"path": "torn.ipynb"}, None, 400, "NotANotebook"),
        ("GET", "", {"path": "n.ipynb", "cell": "none"}, None, 404, "NotFound"),
        ("GET", "", {"path": "n.ipynb", "cell": "a", "index": 1}, None, 400, "InvalidRequest"),
        ("GET", "", {"room": "json:notebook:none"}, None, 404, "NotFound"),
        ("POST", "", {"path": "none.ipynb"}, {}, 404, "NotFound"),
        ("POST", "", {"path": "torn.ipynb"}, {}, 400, "NotANotebook"),
        ("POST", "", {"path": "n.ipynb"}, [], 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"sauce": ""}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"source": 1}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"source": "x" * (2**20 + 1)}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"type": "html"}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"tags": "t"}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"tags": ["a,b"]}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"index": -1}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"index": 99}, 404, "NotFound"),
        ("POST", "", {"path": "n.ipynb"}, {"index": 0, "above": "a"}, 400, "InvalidRequest"),
        ("POST", "", {"path": "n.ipynb"}, {"above": "none"}, 404, "NotFound"),
        ("POST", "", {"path": "locked.ipynb"}, {}, 403, "NotAllowed"),
        ("PATCH", "/none", {"path": "n.ipynb"}, {**SEEN, "source": ""}, 404, "NotFound"),
        ("PATCH", "/a", {"path": "n.ipynb"}, {"source": ""}, 400, "InvalidRequest"),
        ("PATCH", "/a", {"path": "n.ipynb"}, SEEN, 400, "InvalidRequest"),
        ("PATCH", "/a", {"path": "n.ipynb"}, {"seen": {"sha256": "x"}, "source": ""}, 400, "InvalidRequest"),
        ("PATCH", "/fixed", {"path": "n.ipynb"}, {**SEEN, "source": ""}, 409, "CellProtected"),
        ("PATCH", "/a", {"path": "locked.ipynb"}, {**SEEN, "source": ""}, 403, "NotAllowed"),
        ("DELETE", "/a", {"path": "n.ipynb"}, None, 400, "InvalidRequest"),
        ("DELETE", "/none", {"path": "n.ipynb", "sha256": DIGEST}, None, 404, "NotFound"),
        ("DELETE", "/fixed", {"path": "n.ipynb", "sha256": DIGEST}, None, 409, "CellProtected"),
        ("POST", "/none/move", {"path": "n.ipynb"}, {}, 404, "NotFound"),
        ("POST", "/a/move", {"path": "n.ipynb"}, {"to": 1}, 400, "InvalidRequest"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words_and_changes_nothing(
    server: LabServer, method: str, place: str, query: dict[str, Any], body: Any, status: int, reason: str
) -> None:
    cell = nbformat.v4.new_code_cell("1", id="a")
    fixed = nbformat.v4.new_code_cell("1", id="fixed", metadata={"editable": False, "deletable": False})
    for name in ("n.ipynb", "locked.ipynb"):
        if not (server.root_dir / name).exists():
            nbformat.write(nbformat.v4.new_notebook(cells=[cell, fixed]), server.root_dir / name)
    (server.root_dir / "text.txt").write_text("no notebook")
    (server.root_dir / "torn.ipynb").write_text('{"cells": [')
    answer = ask(server, method, place, params=query, **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text
    assert len(answer.json()["message"]) > 10
    cells = ask(server, "GET", "", params={"path": "n.ipynb"}).json()["cells"]
    assert [cell["source"] for cell in cells] == ["1", "1"]


@pytest.mark.parametrize(
    ("method", "place", "refused"),
    [
        ("GET", "", "read:crdt-outputs"),
        ("GET", "", "read:contents"),
        *(
            (method, place, right)
            for method, place in (("POST", ""), ("PATCH", "/a"), ("DELETE", "/a"), ("POST", "/a/move"))
            for right in ("write:crdt-outputs", "write:contents")
        ),
    ],
)
def test_only_who_may_write_contents_edits(server: LabServer, method: str, place: str, refused: str) -> None:
    answer = ask(server, method, place, refused, params={"path": "n.ipynb"})
    assert answer.status_code == 403
