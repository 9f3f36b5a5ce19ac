"""Notebooks in tabs, and what is waited for in them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import nbformat
from nbformat.reader import NotJSONError
from tornado.httpclient import HTTPClientError

from jupyter_crdt_outputs.kernel.messages import OUTPUT_TYPES
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, LogReference, reference_in
from jupyter_crdt_outputs.testing.lab_client import KernelMessage, LabClient
from jupyter_crdt_outputs.testing.server import LabServer

Output = dict[str, Any]
Saved = TypeVar("Saved")
WAIT_S = 30.0


def stdout(text: str) -> Output:
    """A stream output."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def stderr(text: str) -> Output:
    """The same on the other stream."""
    return {"output_type": "stream", "name": "stderr", "text": text}


def plain(output_type: str, text: str, **more: Any) -> Output:
    """An output that holds text/plain."""
    return {"output_type": output_type, "data": {"text/plain": text}, "metadata": {}, **more}


def write_notebook(server: LabServer, sources: Sequence[str], *, tags: dict[int, list[str]] | None = None) -> str:
    """A new notebook of code cells; returns its path on the server."""
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": tags[index]} if tags and index in tags else {})
        for index, source in enumerate(sources)
    ]
    path = f"{uuid.uuid4().hex[:8]}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), server.root_dir / path)
    return path


def saved_outputs(server: LabServer, path: str) -> list[list[Output]]:
    """The outputs of each cell as they are in the file."""
    notebook = nbformat.read(server.root_dir / path, 4)
    nbformat.validate(notebook)
    cells: list[dict[str, Any]] = json.loads(json.dumps(notebook.cells))
    return [cell["outputs"] for cell in cells]


def by_now(read: Callable[[LabServer, str], Saved], tab: LabClient) -> Saved | None:
    """What *read* finds in a tab's file, or None in the middle of a save: upstream writes into the file itself."""
    with contextlib.suppress(NotJSONError):
        return read(tab.server, tab.path)
    return None


async def saves(tab: LabClient, expected: list[list[Output]]) -> None:
    """Save until the file holds these outputs: the recorder may still be writing when the kernel is done."""
    saved = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            while (saved := by_now(saved_outputs, tab)) != expected:
                await tab.save()
    assert saved == expected


async def written(tab: LabClient, expected: list[list[Output]]) -> None:
    """Wait until the server has, by itself, written these outputs to the file."""
    saved = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            while (saved := by_now(saved_outputs, tab)) != expected:  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.1)
    assert saved == expected


@dataclass
class Heard:
    """What a tab's kernel websocket brings it, in order."""

    messages: list[KernelMessage] = field(default_factory=list)

    def of(self, *types: str) -> list[KernelMessage]:
        """The messages of these types."""
        return [message for message in self.messages if message.type in types]

    @property
    def outputs(self) -> list[KernelMessage]:
        """The outputs of executions; empty when all executions were recorded.

        What a kernel says while it starts, such as a debugger's warning, is in answer to nothing.
        """
        return [message for message in self.of(*OUTPUT_TYPES) if message.parent_header]


def listen(tab: LabClient) -> Heard:
    """Listen to a tab's kernel websocket from now on."""
    heard = Heard()
    tab.kernel.on_message = heard.messages.append
    return heard


@contextlib.asynccontextmanager
async def opened(
    server: LabServer, path: str, *, announce: bool = True, kernel_name: str = "python3"
) -> AsyncIterator[LabClient]:
    """A tab that has introduced itself to the server, which takes a person longer than it takes the server."""
    async with LabClient.open(server, path, announce=announce, kernel_name=kernel_name) as tab:
        await tab.save()  # answered after what was said before it in the room
        yield tab


@contextlib.asynccontextmanager
async def notebook(
    server: LabServer,
    *sources: str,
    tags: dict[int, list[str]] | None = None,
    announce: bool = True,
    kernel_name: str = "python3",
) -> AsyncIterator[LabClient]:
    """A new notebook in a tab; its kernel is shut down at the end."""
    path = write_notebook(server, sources, tags=tags)
    async with opened(server, path, announce=announce, kernel_name=kernel_name) as tab:
        try:
            yield tab
        finally:
            with contextlib.suppress(HTTPClientError):  # some tests have ended it already
                await tab.shut_down_kernel()


async def shows(tab: LabClient, index: int, expected: list[Output]) -> None:
    """Wait until a cell shows these outputs; fails with the difference."""
    with contextlib.suppress(TimeoutError):
        await tab.wait_until(lambda: tab.outputs(index) == expected, timeout_s=WAIT_S)
    assert tab.outputs(index) == expected


def readable(server: LabServer, outputs: list[Output]) -> list[Output]:
    """Outputs with the texts of the server's logs in place of their references, as a browser shows them."""
    return [_readable(server, output) for output in outputs]


def _readable(server: LabServer, output: Output) -> Output:
    reference = reference_in(output)
    if not isinstance(reference, LogReference):
        return output
    text = server.request(f"api/crdt-outputs/streams/{reference.log}").decode()
    return {"output_type": "stream", "name": reference.name, "text": text}


async def becomes(tab: LabClient, condition: Callable[[], bool]) -> None:
    """Wait until a condition on the document holds."""
    await tab.wait_until(condition, timeout_s=WAIT_S)


def prints(tab: LabClient, index: int, text: str) -> Callable[[], bool]:
    """The condition that a cell's outputs contain this text."""
    return lambda: any(text in output.get("text", "") for output in tab.outputs(index))


def is_stored(outputs: list[Output]) -> bool:
    """Whether these are but one reference, with nothing of its stream left to come."""
    reference = outputs[0].get("data", {}).get(REFERENCE_MIME_TYPE) if len(outputs) == 1 else None
    return isinstance(reference, dict) and "log" not in reference


def states(tab: LabClient) -> list[str]:
    """What each cell says it is doing."""
    return [state or "idle" for state, _count in tab.states()]


def are_idle(tab: LabClient) -> bool:
    """Whether no cell says that it runs."""
    return set(states(tab)) == {"idle"}


def counts(tab: LabClient) -> list[int | None]:
    """The execution count of each cell."""
    return [count for _state, count in tab.states()]


def is_open(tab: LabClient) -> bool:
    """Whether the tab's server has the notebook's room in memory."""
    return any(tab.room.file_id in room for room in json.loads(tab.server.request("api/test/rooms"))["rooms"])


def documents_in_memory(server: LabServer) -> int:
    """How many notebooks' documents the server's garbage collector does not free."""
    count: int = json.loads(server.request("api/test/rooms"))["documents"]
    return count


def passed_over(server: LabServer) -> int:
    """How many objects the server's garbage collector does not look at."""
    count: int = json.loads(server.request("api/test/rooms"))["frozen"]
    return count


async def is_evicted(tab: LabClient) -> None:
    """Wait until the server has let go of the notebook's room."""
    async with asyncio.timeout(WAIT_S):
        while is_open(tab):  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.05)
