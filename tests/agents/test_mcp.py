"""An agent's tools: the SDK's own client drives our server in its own process, and people watch in their tabs."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_outputs.model.executions import source_digest
from jupyter_crdt_outputs.model.offload import dimensions
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import notebook, write_notebook
from .switched import NAME as REFUSED

mcp = pytest.importorskip("mcp")

COMMAND = ["-m", "jupyter_crdt_outputs.tools.cli", "mcp"]
PLOT = "from PIL import Image\ndisplay(Image.effect_noise((1500, 1000), 50))"
LOG = "for i in range(3000): print('line', i)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    config = {"ServerApp": {"authorizer_class": "tests.agents.switched.Switched"}}
    root = Path(__file__).parents[2]
    with LabServer(tmp_path_factory.mktemp("mcp"), config=config, python_path=[root]) as running:
        yield running


class Agent:
    """An MCP client.

    Attributes:
        client: the SDK's.
        progress: the messages that came while the last tool was at work.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.progress: list[tuple[float, str | None]] = []

    async def call(self, tool: str, **arguments: Any) -> Any:
        """What a tool answers, which must be no error."""
        self.progress = []

        async def note(progress: float, _total: float | None, message: str | None) -> None:
            self.progress.append((progress, message))

        answer = await self.client.call_tool(tool, arguments, progress_callback=note)
        assert not answer.is_error, answer.content[0].text
        return answer

    async def text(self, tool: str, **arguments: Any) -> str:
        """The text that it answers."""
        return "\n".join(each.text for each in (await self.call(tool, **arguments)).content if each.type == "text")

    async def refused(self, tool: str, **arguments: Any) -> str:
        """What it says when it does not do it."""
        answer = await self.client.call_tool(tool, arguments)
        assert answer.is_error
        text: str = answer.content[0].text
        return text


def environment(server: LabServer) -> dict[str, str]:
    """That of the user whose server that is; nothing says where it is or names its token."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "JUPYTER_RUNTIME_DIR": str(server.home / "runtime"),
    }


@asynccontextmanager
async def started_on(server: LabServer) -> AsyncIterator[Agent]:
    """An agent that starts our server as a desktop application would."""
    parameters = mcp.StdioServerParameters(command=sys.executable, args=COMMAND, env=environment(server))
    async with mcp.Client(mcp.stdio_client(parameters)) as client:
        yield Agent(client)


@asynccontextmanager
async def agent_on(server: LabServer) -> AsyncIterator[Agent]:
    """The same in this process, which is sooner ready."""
    from jupyter_crdt_outputs.agents.clients import Clients
    from jupyter_crdt_outputs.agents.server import make

    async with mcp.Client(make(Clients(server.url, server.token))) as client:
        yield Agent(client)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def id_in(text: str) -> str:
    """The id of the cell that a tool tells of."""
    return text.split("id ")[1].split(" ")[0]


async def test_an_agent_edits_and_runs_a_notebook_that_people_have_open(server: LabServer) -> None:
    async with notebook(server, "x = 1", LOG) as tab, started_on(server) as agent:
        path, (first, log) = tab.path, tab.cell_ids()
        listed = (await agent.call("list_notebooks")).structured_content
        assert path in [each["path"] for each in listed["notebooks"]]
        read = await agent.text("read_cells", notebook=path)
        version = source_digest("x = 1").hex[:12]
        assert f"## cell 0 · id {first} · code · version {version}\nx = 1\n" in read

        made = id_in(await agent.text("insert_cell", notebook=path, source=PLOT, below=first))
        await tab.wait_until(lambda: tab.cell_ids() == [first, made, log])
        await agent.call("edit_cell", notebook=path, cell=first, version=version, source="x = 2\nx")
        assert "read it again" in await agent.refused(
            "edit_cell", notebook=path, cell=first, version=version, source="x = 3"
        )
        await agent.call("replace_in_cell", notebook=path, cell=first, old="x = 2", new="x = 20")
        assert "does not occur" in await agent.refused("replace_in_cell", notebook=path, cell=first, old="y", new="z")
        await tab.wait_until(lambda: str(tab.cell(first)["source"]) == "x = 20\nx")

        ran = await agent.call("run_cells", notebook=path, run_all=True, wait_s=120)
        assert [each.type for each in ran.content].count("image") == 1
        picture = next(each for each in ran.content if each.type == "image")
        assert max(filter(None, dimensions(base64.b64decode(picture.data)))) <= 1024
        texts = "\n".join(each.text for each in ran.content if each.type == "text")
        assert "· ok" in texts.splitlines()[0]
        assert "-- 0 execute_result\n20" in texts
        assert "line 0\nline 1\n" in texts
        assert "bytes left out" in texts
        done = [progress for progress, _ in agent.progress]
        assert done == sorted(set(done))
        assert done[-1] == 3
        await tab.wait_until(lambda: bool(tab.outputs(2)))

        assert "2999: line 2999" in await agent.text("read_lines", notebook=path, cell=log, tail=1)
        found = await agent.text("search_output", notebook=path, cell=log, query="line 123")
        assert found.splitlines()[:3] == ["# found 11 times, in 11 lines", "123: line 123", "1230: line 1230"]
        (_, seen) = (await agent.call("look_at_image", notebook=path, cell=made, max_pixels=64)).content
        assert dimensions(base64.b64decode(seen.data)) == (64, 43)
        assert "no picture" in await agent.refused("look_at_image", notebook=path, cell=log)

        await agent.call("replace_in_cell", notebook=path, cell=first, old="20", new="30")
        stale = (await agent.call("list_stale_cells", notebook=path)).structured_content
        assert stale["cells"] == [{"cell": first, "stale": "edited", "because": []}]
        ran = await agent.text("run_cells", notebook=path, run_stale=True)
        assert "-- 0 execute_result\n30" in ran
        assert ran.count("## cell") == 1

        await agent.call("move_cell", notebook=path, cell=log, index=0)
        await tab.wait_until(lambda: tab.cell_ids() == [log, first, made])
        assert tab.outputs(0) != []
        version = source_digest(PLOT).hex[:12]
        await agent.call("delete_cell", notebook=path, cell=made, version=version)
        await tab.wait_until(lambda: tab.cell_ids() == [log, first])
        attached = await agent.client.read_resource(f"notebook://outputs/{path}?cell={first}")
        assert "-- 0 execute_result\n30" in attached.contents[0].text
        attached = await agent.client.read_resource(f"notebook://source/{path}")
        assert [cell["id"] for cell in json.loads(attached.contents[0].text)["cells"]] == [log, first]


async def test_an_agent_waits_no_longer_than_it_wants_and_stops_what_it_began(server: LabServer) -> None:
    path = write_notebook(
        server, ["import time\nfor i in range(600): print(i, flush=True); time.sleep(.1)", "input('n')"]
    )
    async with agent_on(server) as agent:
        cells = [
            each["id"]
            for each in json.loads((await agent.client.read_resource(f"notebook://source/{path}")).contents[0].text)[
                "cells"
            ]
        ]
        first = await agent.text("run_cells", notebook=path, cells=cells[:1], wait_s=2)
        assert "not over" in first.splitlines()[0]
        execution = first.split("execution ")[1].split(" ")[0]
        unfinished = (await agent.call("list_executions", unfinished_only=True)).structured_content["executions"]
        assert [(each["execution"], each["status"]) for each in unfinished] == [(execution, "running")]
        assert "0\n1\n" in await agent.text("wait_for_execution", execution=execution, wait_s=0.5)
        assert agent.progress
        await agent.call("stop_cells", execution=execution)
        assert "cancelled" in await agent.text("wait_for_execution", execution=execution, wait_s=30)
        asks = await agent.text("run_cells", notebook=path, cells=cells[1:], wait_s=30)
        assert "StdinNotImplementedError" in asks  # nobody is there to answer
        assert "read it again" in await agent.refused("run_cells", notebook=path, cells=cells[:1], versions=["0" * 12])


async def test_errors_are_the_servers_sentences_and_who_may_only_read_does_nothing_else(server: LabServer) -> None:
    path = write_notebook(server, ["1"])
    async with agent_on(server) as agent:
        assert "there is no notebook 'none.ipynb'" in await agent.refused("read_cells", notebook="none.ipynb")
        assert "there is no cell 'none'" in await agent.refused("read_outputs", notebook=path, cell="none")
        assert "give cells, or run_all, or run_stale" in await agent.refused("run_cells", notebook=path)
        with pytest.raises(mcp.MCPError, match="there is no notebook"):
            await agent.client.read_resource("notebook://cells/none.ipynb")
        cell = id_in(await agent.text("read_cells", notebook=path))
        version = source_digest("1").hex[:12]
        (server.root_dir / REFUSED).write_text("write:contents execute:kernels")
        try:
            assert "1" in await agent.text("read_cells", notebook=path)
            for tool, more in (
                ("insert_cell", {"source": "2"}),
                ("edit_cell", {"cell": cell, "version": version, "source": "2"}),
                ("delete_cell", {"cell": cell, "version": version}),
                ("move_cell", {"cell": cell, "index": 0}),
                ("run_cells", {"run_all": True}),
            ):
                assert "403" in await agent.refused(tool, notebook=path, **more)
        finally:
            (server.root_dir / REFUSED).unlink()
        assert (await agent.text("read_cells", notebook=path)).count("## cell") == 1


async def test_tools_say_what_they_do_to_things(server: LabServer) -> None:
    async with agent_on(server) as agent:
        tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
        reads = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
        assert reads == {
            "list_notebooks",
            "list_stale_cells",
            "list_executions",
            "read_cells",
            "read_outputs",
            "look_at_image",
            "read_lines",
            "search_output",
            "wait_for_execution",
        }
        breaks = {name for name, tool in tools.items() if name not in reads and tool.annotations.destructive_hint}
        assert breaks == {"edit_cell", "replace_in_cell", "delete_cell", "run_cells", "stop_cells"}
        for tool in tools.values():
            assert tool.description
            described = [each for each in tool.input_schema["properties"].values() if "description" in each]
            assert described or tool.name == "list_executions"


async def test_over_http_each_client_works_with_its_own_token(server: LabServer) -> None:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    path = write_notebook(server, ["1"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, *COMMAND, "--http", str(port)], env=environment(server))
    try:
        async with asyncio.timeout(60):
            while not answers(port):  # noqa: ASYNC110 - a process has no event
                await asyncio.sleep(0.1)
        for token, expected in ((server.token, "## cell 0"), ("wrong", "403"), (None, "Authorization: Bearer")):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            async with (
                httpx2.AsyncClient(headers=headers, trust_env=False) as http,
                mcp.Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)) as client,
            ):
                answer = await client.call_tool("read_cells", {"notebook": path})
                assert expected in answer.content[0].text
    finally:
        process.terminate()
        process.wait(20)


def test_without_the_sdk_a_sentence_says_what_to_install(server: LabServer, tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError")
    known = environment(server)
    known["PYTHONPATH"] = os.pathsep.join([str(tmp_path), known["PYTHONPATH"]])
    ran = subprocess.run([sys.executable, *COMMAND], env=known, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert "pip install 'jupyter-crdt-outputs[mcp]'" in ran.stderr
    assert ran.stdout == ""
