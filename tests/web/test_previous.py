"""Previous runs of a cell over HTTP: what is kept, who may see it, and how it comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pycrdt import Map, Text

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.runs import Runs, new_runs
from ..kernel.tabs import opened, shows, stdout
from .refused_clients import client_of

EXTENSIONS = Path(__file__).parent / "extensions"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
KEPT = 3

Told = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    config: dict[str, dict[str, Any]] = {
        "ServerApp": {"authorizer_class": "refusing.Refusing"},
        "CrdtOutputsApp": {"previous_runs": KEPT},
    }
    with LabServer(tmp_path_factory.mktemp("previous"), config=config, python_path=[EXTENSIONS]) as running:
        yield running


client = partial(client_of, "previous")


def cell_of(runs: Runs, index: int = 0) -> str:
    found: str = runs.cells()[index]["id"]
    return found


async def previous(runs: Runs, expected: list[Told], cell: str = "") -> list[Told]:
    """What is kept of a cell, once the last of these executions is."""
    cell = cell or cell_of(runs)
    told: list[Told] = []
    for _ in range(200):
        with client(runs.server) as http:
            answer = await asyncio.to_thread(http.get, "", params={"path": runs.path, "cell": cell})
        told = answer.raise_for_status().json()["runs"]
        if [each["execution"]["id"] for each in told] == [each["id"] for each in expected]:
            return told
        await asyncio.sleep(0.05)
    assert [each["execution"]["id"] for each in told] == [each["id"] for each in expected]
    return told


def restore(runs: Runs, execution: Told, refused: str = "") -> httpx.Response:
    with client(runs.server, refused) as http:
        return http.post("/restore", json={"execution": execution["id"]})


COUNTED = "try:\n    n += 1\nexcept NameError:\n    n = 0\n"


async def test_the_last_runs_of_a_cell_are_told_with_their_outputs(server: LabServer) -> None:
    runs = new_runs(server, [COUNTED + "print(n, 'x' * 10 ** (n % 2 * 5))", "None"])
    ran = [(await runs.run({"index": 0}))[0] for _ in range(KEPT + 1)]
    silent = (await runs.run({"index": 1}))[0]
    told = await previous(runs, ran[:0:-1])
    assert [each["execution"] | {"input": None} for each in told] == [await runs.get(each) for each in ran[:0:-1]]
    assert [each["note"] for each in told] == [""] * KEPT
    (third,), (second,), (first,) = (each["outputs"] for each in told)
    assert second == stdout("2 x\n")
    assert reference_in(third) is not None  # bulk is kept once, by whoever refers to it
    assert len(json.dumps(first)) < 2000
    assert await previous(runs, [], cell_of(runs, 1)) == []
    assert silent["status"] == "ok"
    with client(server) as http:
        limited = http.get("", params={"path": runs.path, "cell": cell_of(runs), "limit": 1}).json()["runs"]
    assert limited == told[:1]
    await runs.shut_down()


async def test_a_run_that_is_put_back_is_in_every_browser_and_in_the_file(server: LabServer) -> None:
    runs = new_runs(server, [COUNTED + "print(n, 'x' * 20_000)\nm = 1 / (n % 2)"])
    ran = [(await runs.run())[0] for _ in range(3)]
    await previous(runs, ran[::-1])
    async with opened(server, runs.path) as tab:
        last = tab.outputs(0)
        told = restore(runs, ran[1]).raise_for_status().json()
        assert told["execution"]["id"] == ran[1]["id"]
        assert told["replaced"] == {"outputs": last, "execution_count": ran[2]["execution_count"]}
        kept = (await previous(runs, ran[::-1]))[1]["outputs"]
        await shows(tab, 0, kept)
        assert tab.states() == [("idle", ran[1]["execution_count"])]
    await runs.saved([[stdout("1 " + "x" * 20_000 + "\n")]])
    assert runs.cells()[0]["execution_count"] == ran[1]["execution_count"]
    await runs.shut_down()


async def test_what_a_browser_wrote_there_is_told_when_it_is_replaced(server: LabServer) -> None:
    runs = new_runs(server, ["print(1)"])
    (ran,) = await runs.run()
    await previous(runs, [ran])
    async with opened(server, runs.path) as tab:
        outputs = tab.room.cells()[0]["outputs"]
        del outputs[0:]
        outputs.append(Map({"output_type": "stream", "name": "stdout", "text": Text("nobody's")}))
        await tab.save()
        assert restore(runs, ran).raise_for_status().json()["replaced"]["outputs"] == [stdout("nobody's")]
        await shows(tab, 0, [stdout("1\n")])
    await runs.shut_down()


async def test_nothing_is_put_back_while_the_cell_runs(server: LabServer) -> None:
    runs = new_runs(server, ["import time, os\nprint(1)\nwhile not os.path.exists('go'): time.sleep(0.05)"])
    (server.root_dir / "go").touch()
    first = (await runs.run())[0]
    await previous(runs, [first])
    (server.root_dir / "go").unlink()
    second = (await runs.run(wait_s=0))[0]
    await runs.has_begun(second)
    assert (restore(runs, first).status_code, restore(runs, first).json()["reason"]) == (409, "NotNow")
    (server.root_dir / "go").touch()
    await runs.get(second)
    await previous(runs, [second, first])
    assert restore(runs, first).status_code == 200
    await runs.shut_down()


async def test_what_the_store_has_lost_is_said_in_words_and_never_put_back(server: LabServer) -> None:
    many = "for i in range(40): display({'text/plain': 'p' * 200 + str(n)}, raw=True)"
    runs = new_runs(server, [COUNTED + "print(n, 'y' * 20_000)", COUNTED.replace("n", "m") + many.replace("n)", "m)")])
    ran = [(await runs.run({"index": 0}))[0] for _ in range(2)]
    listed = (await runs.run({"index": 1}))[0]
    told = await previous(runs, ran[::-1])
    listing = (await previous(runs, [listed], cell_of(runs, 1)))[0]
    assert len(listing["outputs"]) == 40
    store = open_store(str(server.data_dir / "crdt-outputs"))
    store.delete(Digest.parse(ran[0]["artifacts"][0]))
    lists: list[Digest] = []
    async with asyncio.timeout(30):
        while not lists:  # until then the server has it in memory
            lists = [digest for digest in store.digests() if b"p" * 200 in store.get(digest)]
            await asyncio.sleep(0.2)
    assert len(lists) == 1
    store.delete(lists[0])
    gone = restore(runs, ran[0])
    assert (gone.status_code, gone.json()["reason"]) == (410, "OutputsGone")
    assert ran[0]["started_at"][:19].replace("T", " ") in gone.json()["message"]
    assert restore(runs, listed).status_code == 410
    assert await previous(runs, ran[::-1]) == told  # each output says for itself that it is gone
    lost = (await previous(runs, [listed], cell_of(runs, 1)))[0]
    assert (lost["outputs"], lost["note"]) == (None, "The outputs of this run were removed from the store.")
    await runs.shut_down()


async def test_who_may_not_see_or_write_the_notebook_learns_and_changes_nothing(server: LabServer) -> None:
    runs = new_runs(server, ["print(1)"])
    (ran,) = await runs.run()
    await previous(runs, [ran])
    asked = {"path": runs.path, "cell": cell_of(runs)}
    for right in ("read:crdt-outputs", "read:contents"):
        with client(server, refused=right) as http:
            assert http.get("", params=asked).status_code == 403
            assert restore(runs, ran, right).status_code == 403
    assert restore(runs, ran, "write:contents").status_code == 403
    with client(server, refused="write:contents") as http:
        assert len(http.get("", params=asked).json()["runs"]) == 1
    with client(server) as http:
        del http.headers["Authorization"]
        assert http.get("", params=asked).status_code == 403
    await runs.shut_down()


async def test_runs_of_another_notebook_with_the_same_cells_are_not_told(server: LabServer) -> None:
    runs = new_runs(server, ["print(1)"])
    (ran,) = await runs.run()
    await previous(runs, [ran])
    cell = cell_of(runs)
    file = server.root_dir / runs.path
    server.request(f"api/contents/{runs.path}", method="PATCH", body={"path": f"moved-{runs.path}"})
    moved = Runs(server, f"moved-{runs.path}")
    (server.root_dir / moved.path).read_bytes()
    file.write_bytes((server.root_dir / moved.path).read_bytes())
    assert len(await previous(moved, [ran], cell)) == 1
    assert await previous(runs, [], cell) == []
    await moved.shut_down()


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[" * 100_000, b"[]", {"execution": 7}, {"execution": "x"}, {"execution": UNKNOWN, "more": 1}],
)
def test_what_makes_no_sense_is_refused_in_words(server: LabServer, body: Any) -> None:
    with client(server) as http:
        answer = http.post("/restore", content=body if isinstance(body, bytes) else json.dumps(body))
    assert (answer.status_code, answer.json()["reason"]) == (400, "InvalidRequest")


def test_what_is_not_there_is_said_to_be_not_there(server: LabServer) -> None:
    with client(server) as http:
        assert http.get("", params={"path": "none.ipynb", "cell": "a"}).status_code == 404
        assert http.get("", params={"path": "none.ipynb"}).status_code == 400
        assert http.get("", params={"cell": "a"}).status_code == 400
        assert http.post("/restore", json={"execution": UNKNOWN}).status_code == 404
