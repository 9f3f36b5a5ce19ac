"""Notebook files through a real server: opened, edited, saved, closed, opened again, edited back, saved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from pycrdt import Text
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from jupyter_crdt_outputs.testing.lab_client.notebook import SharedNotebook
from jupyter_crdt_outputs.testing.lab_client.room import Room
from jupyter_crdt_outputs.testing.server import LabServer

from .collection import NotebookFile

MARK = "#"
CLOSING_S = 0.5
_AT_ONCE = 4
_SAVES = 500
_VISIT_S = 120.0
_USER = {"username": "test", "name": "Test", "display_name": "Test", "initials": "T"}


@dataclass(frozen=True)
class RoundTrip:
    """What became of a file.

    Attributes:
        problem: what the server said when it was opened, if it could not be opened.
        edited: the file with :data:`MARK` typed at the end of the first cell.
        back: the file once that was taken back, by somebody who opened it anew.
    """

    problem: str
    edited: bytes
    back: bytes


async def round_trips(server: LabServer, files: Iterable[NotebookFile], folder: str) -> dict[str, RoundTrip]:
    """All files through one server, by name. It must close rooms at once, and have the extension ``open_rooms``."""
    paths = {file.name: f"{folder}/{file.file_name}" for file in files}
    (server.root_dir / folder).mkdir()
    for file in files:
        (server.root_dir / paths[file.name]).write_bytes(file.data)
    problems = await _each(paths, lambda path: _visit(server, path, _type))
    await _closed(server)
    edited = _contents(server, paths)
    opened = {name: path for name, path in paths.items() if not problems[name]}
    problems |= await _each(opened, lambda path: _visit(server, path, _take_back))
    back = _contents(server, paths)
    return {name: RoundTrip(problems[name], edited[name], back[name]) for name in paths}


async def _each(paths: dict[str, str], visit: Callable[[str], Awaitable[str]]) -> dict[str, str]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(path: str) -> str:
        async with places:
            return await visit(path)

    answers = await asyncio.gather(*(one(path) for path in paths.values()))
    return dict(zip(paths, answers, strict=True))


async def _visit(server: LabServer, path: str, edit: Callable[[Text], None]) -> str:
    """Open, edit and save; returns what the server said against it."""
    room = Room(server, path)
    notebook = SharedNotebook(room)
    try:
        async with asyncio.timeout(_VISIT_S):
            await room.open(_USER)
            if not notebook.cell_ids():
                return "no cells"
            file = server.root_dir / path
            before = file.read_bytes()
            with room.edit():
                edit(room.cells()[0]["source"])
            for _ in range(_SAVES):  # a large notebook is not saved until its outputs are read
                await room.save(1)
                if file.read_bytes() != before:
                    return ""
                await asyncio.sleep(0.05)
            return "not saved"
    except (HTTPClientError, ConnectionError, WebSocketClosedError) as error:
        # Of a connection that a server ends, one may hear while it reads or while it writes.
        kind = "closed" if isinstance(error, ConnectionError | WebSocketClosedError) else type(error).__name__
        return f"{kind} {getattr(error, 'code', '')}".strip()
    finally:
        await room.close()


def _type(source: Text) -> None:
    source += MARK


def _take_back(source: Text) -> None:
    end = len(str(source).encode())
    del source[end - len(MARK) : end]


def _contents(server: LabServer, paths: dict[str, str]) -> dict[str, bytes]:
    return {name: (server.root_dir / path).read_bytes() for name, path in paths.items()}


async def _closed(server: LabServer) -> None:
    """Wait until no notebook is open any more. What upstream could not open it never closes."""
    async with asyncio.timeout(30):
        rooms = -1
        while rooms != (rooms := len(json.loads(server.request("api/test/rooms"))["rooms"])):  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(1.5 * CLOSING_S)
