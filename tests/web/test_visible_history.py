"""Who is told of which executions, when many people's servers use one store."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_crdt_outputs.errors import NotFound
from jupyter_crdt_outputs.store.history import History, Query
from jupyter_crdt_outputs.store.history.segments import KIND, Segments
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.web.visible_history import VisibleHistory

from ..kernel.runs import Refused, Runs, Told, new_runs
from ..store.test_history import record
from .refused_clients import client_of

EXTENSIONS = Path(__file__).parent / "extensions"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@dataclasses.dataclass(frozen=True)
class Shared:
    """Two servers on one store, each with a notebook of the same name and the same cells, and with its executions."""

    mine: Runs
    theirs: Runs
    my_runs: list[Told]
    their_runs: list[Told]

    def ask(self, route: str, /, *, refused: str = "", **params: str) -> httpx.Response:
        """Ask my server."""
        with client_of("", self.mine.server, refused) as http:
            return http.get(route, params=params)

    def listed(self, **params: str) -> list[str]:
        """The ids that my server tells of."""
        return [each["id"] for each in self.ask("executions", **params).raise_for_status().json()["executions"]]


@pytest.fixture
async def shared(tmp_path: Path) -> Any:
    config: dict[str, dict[str, Any]] = {
        "ServerApp": {"authorizer_class": "refusing.Refusing"},
        "CrdtOutputsApp": {"store_url": str(tmp_path / "store"), "record_sources": True},
    }
    servers = [LabServer(tmp_path / name, config=config, python_path=[EXTENSIONS]) for name in ("mine", "theirs")]
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(servers)) as threads:
        for server in servers:
            stack.callback(server.stop)
        list(threads.map(LabServer.start, servers))
        mine = new_runs(servers[0], ["1", "2"])
        shutil.copy(servers[0].root_dir / mine.path, servers[1].root_dir / mine.path)
        theirs = Runs(servers[1], mine.path)
        my_runs, their_runs = await asyncio.gather(mine.run(), theirs.run())
        servers[1].stop()  # its history goes to the store
        yield Shared(mine, theirs, my_runs, their_runs)


async def test_a_server_tells_of_its_own_notebooks_not_of_what_others_on_its_store_have_run(shared: Shared) -> None:
    store = open_blobs(str(shared.mine.server.home.parent / "store")).records
    assert b"".join(line for _, lines in Segments(store, 1, 1e9) for line in lines).count(b'"id":') == 2
    own = [each["id"] for each in reversed(shared.my_runs)]
    theirs = shared.their_runs[0]
    assert theirs["cell"] == shared.my_runs[0]["cell"]
    assert shared.listed() == shared.listed(limit="2") == shared.listed(path=theirs["path"]) == own
    assert shared.listed(cell=theirs["cell"]) == own[1:]
    for name in ("file_id", "run", "kernel"):
        assert shared.listed(**{name: theirs[name]}) == []
    for ending in ("", "/outputs"):
        answers = [shared.ask(f"executions/{each}{ending}") for each in (theirs["id"], UNKNOWN)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == {**answers[1].json(), "message": f"there is no execution {theirs['id']!r}"}
    with pytest.raises(Refused, match=f"there is no execution '{theirs['id']}'"):
        await shared.mine.ask("/restore", "POST", {"execution": theirs["id"]}, of="previous")
    with shared.mine.server.root_dir.joinpath("other.ipynb").open("w") as file:
        nbformat.write(nbformat.v4.new_notebook(), file)
    assert shared.listed(path="other.ipynb") == []
    for ending in ("", f"/{own[0]}", f"/{own[0]}/outputs"):
        assert shared.ask(f"executions{ending}").status_code == 200
        assert shared.ask(f"executions{ending}", refused="read:contents").status_code == 403
    if not os.environ.get("CRDT_OUTPUTS_LONG"):
        return
    shared.mine.server.restart()  # now its own are from the store, too
    assert shared.listed() == shared.listed(limit="2") == own
    assert shared.listed(run=shared.my_runs[0]["run"], limit="1") == own[:1]
    (shared.mine.server.root_dir / shared.mine.path).unlink()
    assert shared.listed() == []
    assert shared.ask(f"executions/{own[0]}").status_code == 404
    shared.theirs.server.start()
    told = await shared.theirs.ask()
    assert [each["id"] for each in told["executions"]] == [each["id"] for each in reversed(shared.their_runs)]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    records = open_blobs(str(tmp_path / "store")).records
    kept = History(lambda: records, tmp_path / "tail", 10_000, 1e9, logging.getLogger(__name__))
    kept.start()
    yield kept
    kept.stop()


def paths(known: dict[str, str]) -> Callable[[str], str]:
    def path_of(room_id: str) -> str:
        if room_id not in known:
            raise NotFound(room_id)
        return known[room_id]

    return path_of


async def test_there_are_as_many_as_are_wanted_however_many_others_are_newer(tmp_path: Path, history: History) -> None:
    """Of a notebook that was moved, too; not of one in a hidden folder, nor of what is no notebook any more."""
    begun = time.time() - 1e6
    names = ["mine", "theirs", "hidden", "text", "theirs"]
    made = [record(f"{names[each % 5]}.ipynb", at=begun + each) for each in range(400)]
    segments = Segments(open_blobs(str(tmp_path / "store")).records, 10_000, 1e9)
    for first in range(4):  # as four servers at once would write them
        segments.write(made[first:360:4])
    for each in made[360:]:
        history.put(each)
    (tmp_path / "root" / ".hidden").mkdir(parents=True)
    for path in ("moved.ipynb", ".hidden/a.ipynb"):
        nbformat.write(nbformat.v4.new_notebook(), tmp_path / "root" / path)
    (tmp_path / "root" / "text.txt").touch()
    known = {"mine": "moved.ipynb", "hidden": ".hidden/a.ipynb", "text": "text.txt"}
    path_of = paths({f"json:notebook:id of {name}.ipynb": path for name, path in known.items()})
    contents = AsyncLargeFileManager(root_dir=str(tmp_path / "root"))
    visible = VisibleHistory(history, path_of)
    mine = [each for each in reversed(made) if each.path == "mine.ipynb"]
    for limit in (1, 3, 20, 79, 80, 1000):
        assert await visible.find(Query(), limit, contents) == mine[:limit]
    assert await visible.find(Query(before=mine[50].id), 5, contents) == mine[51:56]
    assert await visible.get(mine[70].id, contents) == mine[70]
    for each in made[1:5]:
        with pytest.raises(NotFound, match=each.id):
            await visible.get(each.id, contents)
    assert history.find(Query(), 500) == made[::-1]
    assert len(list(open_blobs(str(tmp_path / "store")).records.list(KIND))) == 4
