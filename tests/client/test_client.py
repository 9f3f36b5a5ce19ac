"""A server from Python: what a program does with it, sync and async."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_outputs.client import Asked, AsyncClient, Client, Ended, Event, Shown, Text, server_of, transport
from jupyter_crdt_outputs.client import servers as servers_module
from jupyter_crdt_outputs.errors import (
    ArtifactCorrupt,
    InvalidPattern,
    InvalidRequest,
    NotAllowed,
    NotFound,
    NotNow,
    ServerAway,
    SourceChanged,
)
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.executions import Selector, source_digest
from jupyter_crdt_outputs.model.offload import dimensions
from jupyter_crdt_outputs.model.reference import StreamReference, reference_in
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import write_notebook

PROGRESS = """
import sys, time
for i in range(3):
    print(i, end="\\r", flush=True); time.sleep(0.1)
print("done"); print("beside", file=sys.stderr)
1 + 1
"""


def told(events: list[Event]) -> list[Any]:
    """What was shown, with streams as they are in the end."""
    found: list[Any] = []
    for event in events:
        if isinstance(event, Text):
            if not found or found[-1][0] != event.name:
                found.append([event.name, ""])
            before = found[-1][1]
            found[-1][1] = (before[: before.rfind("\n") + 1] if event.returns else before) + event.text
        elif isinstance(event, Shown):
            found.append(["output", event.output.get("data") or event.output.get("ename")])
        elif isinstance(event, Ended):
            found.append(["ended", event.execution.record.status])
    return found


async def test_sync_and_async_clients_follow_an_execution_alike(server: LabServer, client: Client) -> None:
    path = write_notebook(server, [PROGRESS])
    (execution,) = client.start(path)
    events = list(client.follow(execution))
    expected = [["stdout", "done\n"], ["stderr", "beside\n"], ["output", {"text/plain": "2"}], ["ended", "ok"]]
    assert told(events) == expected
    assert Text("stdout", "1", returns=True) in events
    async with AsyncClient(server.url, server.token) as client_2:
        (execution,) = await client_2.start(path)
        assert told([event async for event in client_2.follow(execution)]) == expected
        assert [each.record.status for each in await client_2.wait(execution)] == ["ok"]
        listed = await client_2.executions(path=path)
        assert listed[0].id == execution.id
        assert len(listed) == 2
    seen = client.outputs(execution)
    assert seen.outputs is not None
    assert len(seen.outputs) == 3
    assert told(list(client.follow(listed[1]))) == expected  # although its cell has run again


def test_who_follows_an_execution_hears_its_last_words_although_its_cell_runs_again_at_once(
    server: LabServer, client: Client
) -> None:
    path = write_notebook(server, ["try: n += 1\nexcept NameError: n = 1\nprint(n, flush=True)\nprint('last words')"])
    firsts = [client.start(path)[0] for _ in range(5)]
    for number, each in enumerate(firsts, 1):
        assert told(list(client.follow(each))) == [["stdout", f"{number}\nlast words\n"], ["ended", "ok"]]


def test_a_long_stream_is_followed_and_read_to_its_last_byte(server: LabServer, client: Client) -> None:
    path = write_notebook(server, ["for i in range(150_000): print(i, end='\\n' if i % 7 else '')"])
    expected = "".join(f"{i}\n" if i % 7 else str(i) for i in range(150_000))
    (execution,) = client.start(path)
    events = list(client.follow(execution))
    assert told(events) == [["stdout", expected], ["ended", "ok"]]
    assert told(list(client.follow(execution))) == told(events)
    (output,) = client.outputs(execution).outputs or ()
    assert client.original(output) == {"output_type": "stream", "name": "stdout", "text": expected}
    reference = reference_in(output)
    assert isinstance(reference, StreamReference)
    assert "".join(client.stream_text(reference)) == expected
    assert client.artifact(reference.digests[0]).decode() == expected[: reference.segments[0].size]


def test_an_execution_is_answered_interrupted_and_cancelled(server: LabServer, client: Client) -> None:
    path = write_notebook(server, ["input('a? ') + input('b? ')", "import time; time.sleep(60)", "1"])
    first, second, third = client.start(path, stop_on_error=False)
    answers = iter("xy")
    events = []
    for event in client.follow(first):
        events.append(event)
        if isinstance(event, Asked):
            client.answer(first, next(answers))
    assert ["output", {"text/plain": "'xy'"}] in told(events)
    with pytest.raises(NotNow):
        client.answer(first, "z")
    while client.execution(second).record.started_at is None:
        pass
    client.interrupt(second)
    assert told(list(client.follow(second)))[-2:] == [["output", "KeyboardInterrupt"], ["ended", "error"]]
    assert [each.record.status for each in client.wait([second, third])] == ["error", "ok"]
    running = client.start(path, Selector("index", 1))
    queued = client.start(path, Selector("index", 2))
    assert {each.id for each in client.cancel_all(path=path)} == {running[0].id, queued[0].id}
    assert [each.record.status for each in client.wait(running + queued)] == ["cancelled"] * 2


def test_errors_are_the_servers_in_its_words(server: LabServer, client: Client) -> None:
    path = write_notebook(server, ["1"])
    with pytest.raises(NotFound, match="no notebook nowhere"):
        client.start("nowhere.ipynb")
    with pytest.raises(NotFound, match="no execution"):
        list(client.follow("01M807E89YY98Q2ZFTQQT9AVKF"))
    with pytest.raises(SourceChanged, match="nothing was run"):
        client.start(path, Selector("index", 0, source_digest("2")))
    with pytest.raises(InvalidRequest, match="timeout_s"):
        client.start(path, timeout_s=-1)
    with pytest.raises(NotFound):
        client.notebook("nowhere.ipynb")
    with Client(server.url, "wrong") as stranger, pytest.raises(NotAllowed, match="403"):
        stranger.start(path)
    with Client("http://127.0.0.1:1/") as nobody, pytest.raises(ServerAway, match=r"127\.0\.0\.1:1 does not answer"):
        nobody.start(path)
    with pytest.raises(InvalidRequest):
        Client("ftp://somewhere")


async def test_cells_and_outputs_are_read_and_edited_alike_by_both_clients(server: LabServer, client: Client) -> None:
    (server.root_dir / "deep" / ".hidden").mkdir(parents=True, exist_ok=True)
    path = f"deep/{write_notebook(server, ['1'])}"
    (server.root_dir / Path(path).name).rename(server.root_dir / path)
    log = "for i in range(9000): print(i)\nfrom PIL import Image\ndisplay(Image.effect_noise((300, 200), 9))"
    made = client.insert_cell(path, log, tags=["t"], index=0)
    (execution,) = client.start(path, Selector("id", made.id, source_digest(log)))
    client.wait(execution)
    assert path in [each.path for each in client.notebooks("deep").notebooks]
    assert path in [each.path for each in client.notebooks().notebooks]
    assert client.notebooks(most=1).is_complete is False
    assert path in [each.path for each in client.sessions()]
    async with AsyncClient(server.url, server.token) as client_2:
        assert await client_2.cells(path) == client.cells(path)
        view = await client_2.view(path, cell=made.id, max_chars=200)
        assert view == client.view(path, cell=made.id, max_chars=200)
        stream, picture = view.cells[0].outputs
        assert stream.left_out > 0
        assert (await client_2.lines(path, made.id, 0, start=8990)).lines[-1] == "8999"
        assert client.lines(path, made.id, 0, tail=1).lines == ("8999",)
        assert (await client_2.search(path, made.id, "^77.$", 0, is_regex=True)).lines == tuple(range(770, 780))
        with pytest.raises(InvalidPattern):
            client.search(path, made.id, "(", 0, is_regex=True)
        small = await client_2.picture(path, made.id, picture.index, max_pixels=50)
        assert (small.mime, dimensions(small.data)) == ("image/png", (50, 33))
        moved = await client_2.move_cell(path, made, index=1)
        assert (moved.index, moved.tags) == (1, ("t",))
        assert client.view(path, cell=made.id, max_chars=200).cells[0].outputs == (stream, picture)
        edited = await client_2.edit_cell(path, moved, tags=[])
        assert edited.tags == ()
        with pytest.raises(SourceChanged):
            await client_2.edit_cell(path, made.id, source="2", seen=source_digest("no"))
        with pytest.raises(InvalidRequest, match="as you saw it"):
            await client_2.delete_cell(path, made.id)
        await client_2.delete_cell(path, edited)
    assert [cell.source for cell in client.cells(path).cells] == ["1"]


class Other(http.server.BaseHTTPRequestHandler):
    """Something else than a Jupyter server, or one that lies."""

    def do_GET(self) -> None:
        is_artifact = "artifacts" in self.path
        self.send_response(200 if is_artifact else 404)
        self.end_headers()
        self.wfile.write(b"other bytes" if is_artifact else b"<html>no such page</html>")

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def served(handler: Callable[..., Any]) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        thread = threading.Thread(target=partial(other.serve_forever, poll_interval=0.01))
        thread.start()
        try:
            yield f"http://127.0.0.1:{other.server_port}"
        finally:
            other.shutdown()
            thread.join()


def test_bytes_that_are_not_the_artifacts_are_refused_and_other_servers_are_told_apart() -> None:
    with served(Other) as url, Client(url) as client:
        with pytest.raises(ArtifactCorrupt):
            client.artifact(Digest.of(b"bytes"))
        with pytest.raises(ServerAway, match="has no jupyter-crdt-outputs"):
            client.executions()


def test_the_server_of_a_file_is_the_nearest_above_it(
    server: LabServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers_module, "jupyter_runtime_dir", lambda: str(server.home / "runtime"))
    file = server.root_dir / "a folder" / "n.ipynb"
    ((found, path),) = server_of(file)
    assert (found.url, found.token, path) == (server.url, server.token, "a folder/n.ipynb")
    assert server.token not in repr(found)
    assert list(server_of(tmp_path / "n.ipynb")) == []
    with Client(server.url) as client:  # which has written its token down
        assert client.executions(path="none") == []


def test_a_server_that_has_crashed_or_is_for_another_notebook_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers_module, "jupyter_runtime_dir", lambda: str(tmp_path))
    file, other = tmp_path / "n.ipynb", tmp_path / "other.ipynb"
    said: dict[str, dict[str, Any]] = {
        "crashed": {"pid": 2**22 + 1},
        "busy": {"crdt_outputs_notebook": str(other)},
        "usual": {},
    }
    for name, more in said.items():
        info = {"url": f"http://{name}/", "root_dir": str(tmp_path), "pid": os.getpid(), **more}
        (tmp_path / f"jpserver-{name}.json").write_text(json.dumps(info))
    assert [server.url for server, _ in server_of(file)] == ["http://usual/"]
    assert {server.url for server, _ in server_of(other)} == {"http://usual/", "http://busy/"}
    with Client() as client:  # the only one that is there for everything
        assert client.url == "http://usual/"


def test_a_server_of_this_machine_is_known_by_each_of_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers_module, "jupyter_runtime_dir", lambda: str(tmp_path))
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    info = {"url": "http://localhost:8888/base/", "root_dir": str(tmp_path), "pid": os.getpid(), "token": "secret"}
    (tmp_path / "jpserver-1.json").write_text(json.dumps(info))
    for url, is_known in {"http://127.0.0.1:8888/base": True, "http://127.0.0.1:8889/base": False}.items():
        assert ("Authorization" in transport.options(url, None)["headers"]) is is_known


def test_parameters_are_appended_for_one_run_and_the_environment_is_set_at_the_start(
    server: LabServer, client: Client
) -> None:
    path = write_notebook(server, ["x = 1", "import os; x, os.environ['FOO']"], tags={0: ["parameters"]})
    append = (Selector("tag", "parameters"), "x = 2")
    first, second = client.start(path, append=append, env={"FOO": "bar"})
    assert told(list(client.follow(second))) == [["output", {"text/plain": "(2, 'bar')"}], ["ended", "ok"]]
    sent = client.execution(first).record.source_sha256
    assert sent == source_digest("x = 1\nx = 2").hex
    assert client.notebook(path)["cells"][0]["source"] == "x = 1"
    with pytest.raises(NotNow, match="kernel"):
        client.start(path, env={"FOO": "baz"})
    with pytest.raises(NotFound, match="appended"):
        client.start(path, Selector("index", 1), append=append)


def test_what_is_stale_is_told_and_run(server: LabServer, client: Client) -> None:
    path = write_notebook(server, ["x = 1", "print(x)"])
    assert [(each.execution, each.stale) for each in client.freshness(path)] == [(None, None)] * 2
    first, second = client.wait(client.start(path))
    assert client.start(path, "stale") == []
    client.wait(client.start(path, Selector("index", 0)))
    above, below = client.freshness(path)
    assert (above.stale, below.stale, below.because) == (None, "upstream", (first.record.cell,))
    assert below.execution is not None
    assert below.execution.id == second.id
    (execution,) = client.start(path, "stale")
    assert execution.record.cell == second.record.cell


def test_another_kernel_is_followed_as_well(server: LabServer, client: Client) -> None:
    path = write_notebook(server, ["console.log('hello'); 40 + 2", "throw new Error('no')"])
    first, second = client.start(path, kernel="deno")
    assert told(list(client.follow(first)))[0] == ["stdout", "hello\n"]
    assert told(list(client.follow(second)))[-2:] == [["output", "Error"], ["ended", "error"]]
    assert client.kernel_languages()["deno"] == "typescript"


def test_a_follower_waits_for_a_server_that_comes_back(tmp_path: Path) -> None:
    with LabServer(tmp_path) as server, Client(server.url, server.token) as client:
        path = write_notebook(server, ["print('before', flush=True)\nimport time; time.sleep(60)"])
        (execution,) = client.start(path)
        events = []
        for event in client.follow(execution):
            events.append(event)
            if event == Text("stdout", "before\n"):
                time.sleep(1)  # what was asked for is written down soon, not at once
                server.kill()
                threading.Thread(target=server.restart).start()
        assert ["stdout", "before\n"] in told(events)
        assert told(events)[-1] == ["ended", "interrupted"]
