"""A tab's side of a collaboration room: the shared document, awareness, and saving."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any
from urllib.parse import quote, urlencode

from pycrdt import (
    Array,
    Awareness,
    Decoder,
    Doc,
    Encoder,
    Map,
    TransactionEvent,
    create_awareness_message,
    create_sync_message,
    create_update_message,
    handle_sync_message,
    read_message,
)
from tornado.httpclient import AsyncHTTPClient

from ..server import LabServer
from .wire import Wire

_SYNC_STEP2 = 1
_HEARD_S = 60.0


class _Message(IntEnum):
    SYNC = 0
    AWARENESS = 1
    RAW = 2


class Room:
    """The live document of one notebook, kept equal to the server's.

    Attributes:
        doc: the shared document.
        awareness: who is there.
        changed: called after each change of the document, own or remote; add to it freely.
    """

    def __init__(self, server: LabServer, path: str) -> None:
        self.doc: Doc[Any] = Doc()
        self.awareness = Awareness(self.doc)
        self.wire = Wire(self._receive)
        self.changed: list[Callable[[], None]] = []
        self.file_id = ""
        self._server = server
        self._path = path
        self._cells: Array[Any] = self.doc.get("cells", type=Array)
        self._state: Map[Any] = self.doc.get("state", type=Map)
        self._cell_by_id: dict[str, Map[Any]] | None = None
        self._synced = asyncio.Event()
        self._heard = asyncio.Event()
        self._applying = False
        self._saves: dict[int, asyncio.Future[str]] = {}
        self._heartbeat: asyncio.Task[None] | None = None
        self._subscriptions: list[object] = []

    async def open(self, user: dict[str, str]) -> None:
        """Create the session, connect, and return when the document is in sync."""
        session = await self._create_session()
        self.file_id = session["fileId"]
        room_id = f"{session['format']}:{session['type']}:{session['fileId']}"
        query = urlencode({"sessionId": session["sessionId"]})
        self.awareness.set_local_state({"autosave": True, "user": user})
        self._subscriptions = [self.doc.observe(self._on_transaction), self._cells.observe(self._on_cells)]
        self.awareness.observe(self._on_awareness)
        await self.wire.open(f"{self._server.ws_url}api/collaboration/room/{room_id}?{query}", self._server.headers)
        self.wire.send(create_sync_message(self.doc))
        self._send_awareness()
        self._heartbeat = asyncio.create_task(self.awareness.start())
        await self._wait_for_sync()
        if self._state.get("document_id") != room_id:
            self._state["document_id"] = room_id

    async def close(self) -> None:
        """Leave as a closed tab leaves: the socket closes, nothing more is said."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._heartbeat
        await self.wire.close()

    async def save(self, save_id: int) -> str:
        """Ask the server to save now. Returns its answer: ``success``, ``skipped`` or ``failed``."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._saves[save_id] = answer
        encoder = Encoder()
        encoder.write_var_uint(_Message.RAW)
        encoder.write_var_string("save")
        encoder.write_var_uint(save_id)
        self.wire.send(encoder.to_bytes())
        status: str = await answer
        return status

    async def tell(self, field: str, value: object) -> None:
        """Set a field of our awareness, and return when the server knows: another socket may be quicker.

        Raises:
            TimeoutError: it does not answer.
        """
        self._heard.clear()
        self.awareness.set_local_state_field(field, value)
        async with asyncio.timeout(_HEARD_S):
            await self._heard.wait()

    def cells(self) -> list[Map[Any]]:
        """The cells, in order."""
        return list(self._cells)

    @property
    def ycells(self) -> Array[Any]:
        """The shared array of cells."""
        return self._cells

    def cell(self, cell_id: str) -> Map[Any] | None:
        """The cell of this id as it is now; None when it is gone."""
        if self._cell_by_id is None:
            self._cell_by_id = {cell["id"]: cell for cell in self._cells}
        return self._cell_by_id.get(cell_id)

    @contextlib.contextmanager
    def edit(self) -> Iterator[None]:
        """One transaction, followed by the document's dirty mark in one of its own, as JupyterLab writes."""
        with self.doc.transaction():
            yield
        if self._state.get("dirty") is not True:
            self._state["dirty"] = True

    async def _create_session(self) -> dict[str, str]:
        answer = await AsyncHTTPClient().fetch(
            f"{self._server.url}api/collaboration/session/{quote(self._path, safe='')}",
            method="PUT",
            headers=self._server.headers,
            body=json.dumps({"format": "json", "type": "notebook"}),
        )
        session: dict[str, str] = json.loads(answer.body)
        return session

    async def _wait_for_sync(self) -> None:
        synced = asyncio.create_task(self._synced.wait())
        closed = asyncio.create_task(self.wire.closed.wait())
        await asyncio.wait((synced, closed), return_when=asyncio.FIRST_COMPLETED)
        closed.cancel()
        if not self._synced.is_set():
            synced.cancel()
            code, reason = self.wire.close_reason
            raise ConnectionError(f"the room of {self._path} was closed before the first sync: {code} {reason}")

    def _receive(self, message: bytes) -> None:
        kind = message[0]
        if kind == _Message.SYNC:
            self._applying = True
            try:
                reply = handle_sync_message(message[1:], self.doc)
            finally:
                self._applying = False
            self._tell_changed()
            if reply is not None:
                self.wire.send(reply)
            if message[1] == _SYNC_STEP2:
                self._synced.set()
        elif kind == _Message.AWARENESS:
            update = read_message(message[1:])
            self.awareness.apply_awareness_update(update, "remote")
            if self._is_echo(update):
                self._heard.set()
        elif kind == _Message.RAW:
            self._on_raw(json.loads(Decoder(message[1:]).read_var_string()))

    def _is_echo(self, update: bytes) -> bool:
        """Whether the server sends back our newest awareness, as it does with each."""
        decoder = Decoder(update)
        for _ in range(decoder.read_var_uint()):
            client, clock, _state = decoder.read_var_uint(), decoder.read_var_uint(), decoder.read_var_string()
            if client == self.doc.client_id:
                return bool(clock >= self.awareness.meta[client]["clock"])
        return False

    def _on_raw(self, answer: dict[str, Any]) -> None:
        waiting = self._saves.pop(answer.get("responseTo", -1), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer["status"])

    def _on_transaction(self, event: TransactionEvent) -> None:
        if not self._applying and not self.wire.closed.is_set():
            self.wire.send(create_update_message(event.update))
            # The document cannot be read while its own transaction ends.
            asyncio.get_running_loop().call_soon(self._tell_changed)

    def _tell_changed(self) -> None:
        for callback in list(self.changed):
            callback()

    def _on_cells(self, _event: object) -> None:
        self._cell_by_id = None

    def _on_awareness(self, topic: str, changes: tuple[dict[str, Any], Any]) -> None:
        if topic == "update" and changes[1] == "local" and not self.wire.closed.is_set():
            self._send_awareness()

    def _send_awareness(self) -> None:
        self.wire.send(create_awareness_message(self.awareness.encode_awareness_update([self.doc.client_id])))
