"""Clients that see no document get every message as without us; so do those that do not speak JupyterLab's protocol."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_crdt_outputs.testing.lab_client import KernelMessage, LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, listen, notebook, opened, shows, stdout

CELLS = [
    "print('text')\nimport sys\nprint('err', file=sys.stderr)",
    "from IPython.display import display, clear_output\nhandle = display('one', display_id='d')\nhandle.update('two')",
    "clear_output(wait=True)\nprint('after')\n41 + 1",
    "import ipywidgets as widgets\nout = widgets.Output()\nwith out: print('captured')\ndisplay(widgets.IntSlider())",
    "for i in range(50): print(i, flush=True)",
    "display({'text/plain': 'x' * 300_000}, raw=True)",
    "print(input('name?'))",
    "known = 1\nknown?",
    "1/0",
]

# What differs from one run of a kernel to the next, whoever listens.
VARIABLE = re.compile(r"[0-9a-f]{32}|[0-9a-f-]{36}|ipykernel_\d+/\d+|0x[0-9a-f]+|IPY_MODEL_\w+")


Normalized = tuple[str, str]


def normalized(messages: list[KernelMessage]) -> list[Normalized]:
    """Types and contents. How a kernel cuts a stream into messages is up to the moment, so pieces are joined."""
    result: list[Normalized] = []
    for message in messages:
        kind, content = message.type, VARIABLE.sub("*", json.dumps(message.content, sort_keys=True))
        if message.type == "stream":
            kind, content = f"stream {message.content['name']}", message.content["text"]
            if result and result[-1][0] == kind:
                content = result.pop()[1] + content
        result.append((kind, content))
    return result


async def traffic(server: LabServer) -> dict[str, list[Normalized]]:
    """What a console or an editor gets for its own requests, by channel; channels are not ordered among each other."""
    async with notebook(server, "1", announce=False) as tab:
        tab.answer = lambda _prompt: "me"
        heard = listen(tab)
        mine = set()
        for code in CELLS:
            execution = tab.kernel.execute(code, {}, stop_on_error=False)
            execution.on_stdin = lambda request: tab.kernel.send_input(request, "me")
            mine.add(execution.msg_id)
            await execution.done
    own = [message for message in heard.messages if message.parent_header.get("msg_id") in mine]
    return {
        channel: normalized([message for message in own if message.channel == channel])
        for channel in ("iopub", "shell", "stdin")
    }


async def test_a_client_that_sees_no_document_gets_the_same_messages_with_and_without_us(
    server: LabServer, stock: LabServer
) -> None:
    ours, theirs = await traffic(server), await traffic(stock)
    assert ours == theirs
    assert len(ours["iopub"]) > 3 * len(CELLS)


async def test_a_browser_without_our_lab_extension_writes_its_outputs_itself_as_ever(server: LabServer) -> None:
    async with notebook(server, "print('one')\n2", announce=False) as tab:
        heard = listen(tab)
        assert await tab.run_all()
        await becomes(tab, lambda: len(tab.outputs(0)) == 2)
        assert [message.type for message in heard.outputs] == ["stream", "execute_result"]


async def test_a_console_sees_what_a_recorded_cell_prints(server: LabServer) -> None:
    """As with its "show all kernel activity"; only those who have it in their document do without."""
    async with notebook(server, "print('from the notebook')") as tab, opened(server, tab.path, announce=False) as other:
        heard = listen(other)
        assert await tab.run_all()
        await shows(tab, 0, [stdout("from the notebook\n")])
        async with asyncio.timeout(30):
            while not heard.outputs:  # noqa: ASYNC110 - another websocket
                await asyncio.sleep(0.02)
        assert heard.outputs[0].content["text"] == "from the notebook\n"


@pytest.mark.parametrize(
    "metadata", [{}, {"cellId": "no such cell"}, {"cellId": 7}, {"cellId": None}, {"cellId": ["a"]}]
)
async def test_a_request_that_names_no_cell_of_the_notebook_is_left_to_the_browser(
    server: LabServer, metadata: dict[str, Any]
) -> None:
    async with notebook(server, "1") as tab:
        heard = listen(tab)
        await tab.kernel.execute("print('mine')", metadata, stop_on_error=True).done
        assert [message.content["text"] for message in heard.outputs] == ["mine\n"]
        assert tab.outputs(0) == []


async def test_malformed_frames_harm_neither_kernel_nor_recorder(server: LabServer) -> None:
    async with notebook(server, "print('still here')") as tab:
        message = json.dumps({"channel": "shell"}).encode()
        for frame in (b"", b"\x00", b"\xff" * 40, message):
            tab.kernel.wire.send(frame)
        async with opened(server, tab.path) as other:
            assert await other.run_all()
            await shows(other, 0, [stdout("still here\n")])


@asynccontextmanager
async def legacy(tab: LabClient) -> AsyncIterator[tuple[Any, str]]:
    """A websocket of the protocol before v1, which sends JSON; announced, as if it were a JupyterLab."""
    session = "legacy-client"
    url = f"{tab.server.ws_url}api/kernels/{tab.kernel.kernel_id}/channels?session_id={session}"
    connection = await websocket_connect(HTTPRequest(url, headers=tab.server.headers))
    tab.room.awareness.set_local_state_field("crdtOutputs", {"kernelClient": session})
    await tab.save()
    try:
        yield connection, session
    finally:
        connection.close()


async def test_the_legacy_protocol_is_left_alone(server: LabServer) -> None:
    async with notebook(server, "print('legacy')") as tab, legacy(tab) as (connection, session):
        header = {
            "msg_id": "request",
            "msg_type": "execute_request",
            "session": session,
            "username": "",
            "version": "5.3",
        }
        request = {
            "channel": "shell",
            "header": header,
            "parent_header": {},
            "metadata": {"cellId": tab.cell_ids()[0]},
            "content": {"code": "print('legacy')", "silent": False, "allow_stdin": False},
        }
        await connection.write_message(json.dumps(request))
        seen: list[str] = []
        while "execute_reply" not in seen or "status idle" not in seen:
            message = json.loads(await connection.read_message())
            if message["parent_header"].get("msg_id") == "request":
                state = message["content"].get("execution_state")
                seen.append(f"{message['msg_type']} {state}" if state else message["msg_type"])
        assert "stream" in seen
        assert tab.outputs(0) == []


async def test_debug_messages_pass(server: LabServer) -> None:
    async with notebook(server, "print('debugged')") as tab:
        heard = listen(tab)
        tab.kernel._send("control", "debug_request", {"type": "request", "seq": 1, "command": "debugInfo"})
        async with asyncio.timeout(30):
            while not heard.of("debug_reply"):  # noqa: ASYNC110 - another websocket
                await asyncio.sleep(0.02)
        assert await tab.run_all()
        await shows(tab, 0, [stdout("debugged\n")])
