"""Running cells over HTTP: who may, what is refused, and what is kept of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_crdt_outputs.document.recovery import INTERRUPTED
from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.web.execution_events import SCHEMA_ID
from jupyter_crdt_outputs.web.prompts import SCHEMA_ID as PROMPTS

from ..kernel.runs import Refused, Runs, new_runs, statuses
from ..kernel.tabs import opened, stderr, stdout, write_notebook
from .refused_clients import client_of

EXTENSIONS = Path(__file__).parent / "extensions"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    config: dict[str, dict[str, Any]] = {
        "ServerApp": {"authorizer_class": "refusing.Refusing", "identity_provider_class": "naming.Naming"},
        "CrdtOutputsApp": {"record_sources": True},
    }
    with LabServer(tmp_path_factory.mktemp("executions"), config=config, python_path=[EXTENSIONS]) as running:
        yield running


client = partial(client_of, "executions")


@pytest.mark.parametrize(
    "body",
    [
        b"not JSON",
        b"[]",
        b"[" * 100_000,
        b"{}",
        {"cells": "all"},
        {"path": "a", "room": "b", "cells": "all"},
        {"path": "a"},
        {"path": "a", "cells": []},
        {"path": "a", "cells": "some"},
        {"path": "a", "cells": {"id": 1}},
        {"path": "a", "cells": {"id": "a", "index": 1}},
        {"path": "a", "cells": {"index": True}},
        {"path": "a", "cells": {"tag": "t", "source": "1"}},
        {"path": "a", "cells": {"id": "a", "sha256": "A" * 64}},
        {"path": "a", "cells": {"id": "a", "sha256": "a" * 64, "source": "1"}},
        {"path": "a", "cells": "all", "timeout_s": 0},
        {"path": "a", "cells": "all", "timeout_s": "nan"},
        {"path": "a", "cells": "all", "on_timeout": "explode"},
        {"path": "a", "cells": "all", "restart": 1},
        {"path": "a", "cells": "all", "parent": "somebody"},
        {"path": "a", "cells": "all", "append": {"to": "all", "code": "\ud83d"}},
        {"path": "a", "cells": "all", "claimed_name": "two\nlines"},
        {"path": "a", "cells": "all", "claimed_name": "\u202eada"},
        {"path": "a", "cells": "all", "claimed_name": "x" * 61},
        {"path": "a", "cells": "all", "pathh": "a"},
        {"path": 7, "cells": "all"},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(server: LabServer, body: Any) -> None:
    with client(server) as http:
        answer = http.post("", content=body if isinstance(body, bytes) else json.dumps(body))
    assert answer.status_code == 400, answer.text
    assert answer.json()["reason"] == "InvalidRequest"
    assert len(answer.json()["message"]) > 10


def test_what_is_not_there_is_said_to_be_not_there(server: LabServer) -> None:
    path = write_notebook(server, ["1"])
    (server.root_dir / "text.txt").write_text("no notebook")
    (server.root_dir / "torn.ipynb").write_text('{"cells": [')
    with client(server) as http:

        def refused(body: dict[str, Any]) -> tuple[int, str]:
            answer = http.post("", json=body)
            return answer.status_code, answer.json()["reason"]

        assert refused({"path": "none.ipynb", "cells": "all"}) == (404, "NotFound")
        assert refused({"path": "../none.ipynb", "cells": "all"}) == (404, "NotFound")
        assert refused({"room": f"json:notebook:{UNKNOWN}", "cells": "all"}) == (404, "NotFound")
        assert refused({"room": "text:file:7", "cells": "all"}) == (404, "NotFound")
        assert refused({"path": "text.txt", "cells": "all"}) == (400, "NotANotebook")
        assert refused({"path": "torn.ipynb", "cells": "all"}) == (400, "NotANotebook")
        assert refused({"path": path, "cells": {"id": "nobody"}}) == (404, "NotFound")
        assert refused({"path": path, "cells": {"index": 1}}) == (404, "NotFound")
        assert refused({"path": path, "cells": {"tag": "none"}}) == (404, "NotFound")
        assert refused({"path": path, "cells": "all", "kernel": "nonesuch"}) == (404, "NotFound")
        for request in (http.get(f"/{UNKNOWN}"), http.delete(f"/{UNKNOWN}"), http.get("/nonsense")):
            assert (request.status_code, request.json()["reason"]) == (404, "NotFound")
        assert http.post(f"/{UNKNOWN}/input", json={"value": ""}).status_code == 404
        assert http.post(f"/{UNKNOWN}/interrupt").status_code == 404
    assert json.loads(server.request("api/kernels")) == []  # none was started for nothing


@pytest.mark.parametrize("right", ["execute:crdt-outputs", "execute:kernels", "write:contents"])
def test_who_may_not_run_cells_in_jupyterlab_may_not_here(server: LabServer, right: str) -> None:
    path = write_notebook(server, ["1"])
    with client(server, refused=right) as http:
        assert http.post("", json={"path": path, "cells": "all"}).status_code == 403
        assert http.delete("").status_code == 403
        assert http.delete(f"/{UNKNOWN}").status_code == 403
        assert http.post(f"/{UNKNOWN}/input", json={"value": ""}).status_code == 403
        assert http.post(f"/{UNKNOWN}/interrupt").status_code == 403
        assert http.get("").status_code == 200
        assert http.get(f"/{UNKNOWN}").status_code == 404
    with client(server, refused="read:crdt-outputs") as http:
        assert http.get("").status_code == 403
        assert http.get(f"/{UNKNOWN}").status_code == 403
    assert httpx.get(f"{server.url}api/crdt-outputs/executions", trust_env=False).status_code == 403


@pytest.mark.parametrize("right", ["read:crdt-outputs", "read:contents"])
def test_who_may_not_read_is_not_told_what_is_stale(server: LabServer, right: str) -> None:
    path, url = write_notebook(server, ["1"]), f"{server.url}api/crdt-outputs/freshness"
    with client(server) as http:
        assert http.get(url, params={"path": path}).status_code == 200
    with client(server, refused=right) as http:
        assert http.get(url, params={"path": path}).status_code == 403
    assert httpx.get(url, params={"path": path}, trust_env=False).status_code == 403


@contextlib.asynccontextmanager
async def events(server: LabServer, schema_id: str = SCHEMA_ID) -> AsyncIterator[list[dict[str, Any]]]:
    """What the server emits of executions, or of something else."""
    heard: list[dict[str, Any]] = []

    def take(message: str | bytes | None) -> None:
        if message is not None and (event := json.loads(message)).get("schema_id") == schema_id:
            heard.append(event)

    url = f"{server.ws_url}api/events/subscribe"
    connection = await websocket_connect(HTTPRequest(url, headers=server.headers), on_message_callback=take)
    try:
        yield heard
    finally:
        connection.close()


async def test_every_execution_leaves_a_record_whoever_asked_for_it(server: LabServer) -> None:
    long = "print('x' * 100_000)"
    runs = new_runs(server, ["1/0", long])
    async with opened(server, runs.path) as tab, events(server) as heard:
        first, second = tab.cell_ids()
        assert not await tab.run_cells([first])
        (told,) = await runs.run({"id": second}, parent=UNKNOWN)
        assert told["status"] == "ok"
        listed = (await runs.ask(f"?path={runs.path}"))["executions"]
        assert [(each["cell"], each["via"], each["status"], each["error"]) for each in listed] == [
            (second, "endpoint", "ok", None),
            (first, "browser", "error", "ZeroDivisionError"),
        ]
        assert listed[0]["parent"] == UNKNOWN
        assert listed[0]["run"] != listed[1]["run"] is None
        assert listed[1]["kernel"] == listed[0]["kernel"] == tab.kernel.kernel_id
        assert listed[0]["source_sha256"] == hashlib.sha256(long.encode()).hexdigest()
        assert listed[1]["source"] == "1/0"
        assert listed[1]["queued_at"] <= listed[1]["started_at"] <= listed[1]["ended_at"]
        assert len(listed[0]["artifacts"]) == 1
        artifact = await asyncio.to_thread(
            server.request, f"api/crdt-outputs/artifacts/{listed[0]['artifacts'][0]}?type=text/plain"
        )
        assert artifact == b"x" * 100_000 + b"\n"
        assert len((await runs.ask(f"?path={runs.path}&cell={first}"))["executions"]) == 1
        assert len((await runs.ask(f"?path={runs.path}&limit=1"))["executions"]) == 1
        assert (await runs.ask(f"?run={told['run']}"))["executions"] == listed[:1]
        async with asyncio.timeout(30):
            while len(heard) < 2:  # noqa: ASYNC110 - another websocket
                await asyncio.sleep(0.05)
        assert {event["id"] for event in heard} == {each["id"] for each in listed}
    await runs.shut_down()


async def test_what_goes_on_is_found_however_much_has_ended_since(server: LabServer) -> None:
    long, short = new_runs(server, ["input()"]), new_runs(server, ["1"])
    (waits,) = await long.run()
    await short.run()
    listed = (await long.ask("?limit=1&unfinished=1"))["executions"]
    assert [(each["id"], each["status"]) for each in listed] == [(waits["id"], "waiting-for-input")]
    assert (await long.ask(f"?path={short.path}&unfinished=1"))["executions"] == []
    await long.ask(f"/{waits['id']}", "DELETE")
    for runs in (long, short):
        await runs.shut_down()


async def test_who_has_a_name_on_the_server_is_called_by_no_other(server: LabServer) -> None:
    runs = new_runs(server, ["1"])
    (told,) = await runs.run(claimed_name=" Grace ")
    assert told["claimed_name"] == "Grace"
    assert told["user"] != "Grace"
    with client(server) as http:
        body = {"path": runs.path, "cells": "all", "claimed_name": "Grace"}
        answer = http.post("?wait_s=30", json=body, headers={"X-Test-User": "ada"}).json()["executions"][0]
    assert (answer["user"], answer["claimed_name"]) == ("ada", None)
    await runs.shut_down()


async def test_pages_hear_that_a_cell_asks_for_input_and_that_it_has_it_but_not_what(server: LabServer) -> None:
    runs = new_runs(server, ["import getpass\nlen(getpass.getpass('word? '))"])
    async with events(server, PROMPTS) as heard:
        (told,) = await runs.run()
        assert told["status"] == "waiting-for-input"
        await runs.ask(f"/{told['id']}/input", "POST", {"value": "sesame"})
        await runs.get(told)
        async with asyncio.timeout(30):
            while len(heard) < 2:  # noqa: ASYNC110 - another websocket
                await asyncio.sleep(0.05)
    assert [event["waiting"] for event in heard] == [True, False]
    assert {(event["id"], event["cell"], event["file_id"]) for event in heard} == {
        (told["id"], told["cell"], told["file_id"])
    }
    assert not [word for word in ("word?", "sesame") if word in json.dumps(heard)]
    await runs.shut_down()


async def test_after_a_crash_records_say_interrupted_and_the_outputs_are_there(server: LabServer) -> None:
    runs = new_runs(server, ["print('before', flush=True)\nimport time; time.sleep(60)", "2"])
    told = await runs.run(wait_s=0)
    await runs.has_begun(told[0])
    await runs.saved([[stdout("before\n")], []])  # so that the file has all that the history has
    server.kill()
    server.restart()
    async with asyncio.timeout(30):
        while statuses(found := [await known(runs, each) for each in told]) != ["interrupted"] * 2:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert [each["error"] for each in found] == ["ServerDied"] * 2
    assert [each["started_at"] is None for each in found] == [False, True]
    listed = (await runs.ask(f"?path={runs.path}"))["executions"]
    assert [each["id"] for each in listed] == [each["id"] for each in reversed(told)]
    async with opened(server, runs.path) as tab:
        assert [tab.outputs(0), tab.outputs(1)] == [[stdout("before\n"), stderr(INTERRUPTED)], [stderr(INTERRUPTED)]]
        assert [state or "idle" for state, _count in tab.states()] == ["idle", "idle"]


async def test_a_server_that_is_stopped_in_mid_run_has_saved_what_there_is_and_says_why_it_is_not_all(
    server: LabServer,
) -> None:
    runs = new_runs(server, ["print('before', flush=True)\nimport time; time.sleep(60)", "2"])
    told = await runs.run(wait_s=0)
    await runs.has_begun(told[0])
    await runs.saved([[stdout("before\n")], []])
    await asyncio.to_thread(server.stop, timeout_s=8)
    server.restart()
    async with asyncio.timeout(30):
        while statuses(found := [await known(runs, each) for each in told]) != ["interrupted"] * 2:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert [each["error"] for each in found] == ["ServerStopped"] * 2
    assert runs.cells()[0]["outputs"][0] == stdout("before\n")
    async with opened(server, runs.path) as tab:
        assert tab.outputs(0)[0] == stdout("before\n")
        assert [state or "idle" for state, _count in tab.states()] == ["idle", "idle"]


async def known(runs: Runs, execution: dict[str, Any]) -> dict[str, Any]:
    try:
        return await runs.get(execution)
    except Refused:  # the server is still taking over what the one before it left
        return {"status": ""}
