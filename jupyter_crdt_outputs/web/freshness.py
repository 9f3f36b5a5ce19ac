"""Which outputs of a notebook are stale: ``GET api/crdt-outputs/freshness?path=|room=``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.utils import url_path_join

from ..document.rooms import Room, Rooms
from ..errors import InvalidRequest, NotANotebook, NotFound
from ..kernel.freshness import Freshness, NotebookFreshness
from ..kernel.records import Ledger
from ..model.executions import ExecutionRecord
from .executions import of_history, to_json
from .handler import CrdtOutputsHandler, allowed_to, http_errors

_LONGEST_NAME = 1024

Open = Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]


def handlers(
    freshness: Freshness,
    ledger: Ledger,
    rooms: Rooms,
    open_room: Open,
    look_at: Callable[[str], object],
    base_url: str,
) -> list[tuple[str, type[CrdtOutputsHandler], Any]]:
    """The route below *base_url*, as ``add_handlers`` of tornado takes it.

    Args:
        freshness: tells what is stale.
        ledger: the executions of this server.
        rooms: the open notebooks.
        open_room: gives the notebook of a room's id, whether open or not, and how to let it go.
        look_at: called with a kernel's id, to notice whether it was restarted.
        base_url: what the route is below.
    """
    parts = {"freshness": freshness, "ledger": ledger, "rooms": rooms, "open_room": open_room, "look_at": look_at}
    return [(url_path_join(base_url, "api/crdt-outputs/freshness"), FreshnessHandler, parts)]


class FreshnessHandler(CrdtOutputsHandler):
    """The cells of a notebook that hold code: what made their outputs, and whether that still holds."""

    def initialize(
        self,
        freshness: Freshness,
        ledger: Ledger,
        rooms: Rooms,
        open_room: Open,
        look_at: Callable[[str], object],
    ) -> None:
        """Take what the route was registered with."""
        self._freshness = freshness
        self._ledger = ledger
        self._rooms = rooms
        self._open_room = open_room
        self._look_at = look_at

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """The cells, each with the record of its run and why it is stale, if it is.

        Of what ended up to the time ``known``, only the id is given: a page that asks at every pause of somebody who
        types has those records, which are nine tenths of the answer. With the id of a ``kernel``, or with none if it is
        still to be started, each cell is told with those that have to run on it first.
        """
        known, kernel_id = self.get_query_argument("known", ""), self.get_query_argument("kernel", None)
        with http_errors():
            if len(kernel_id or "") > _LONGEST_NAME:
                raise InvalidRequest("the name of the kernel is too long")
            room, release = await self._open_room(await self._room_id())
            try:
                if kernel_id:
                    self._look_at(kernel_id)
                found = await self._freshness.of(room, kernel_id)
            finally:
                release()
            said = await asyncio.to_thread(self._said, room.room_id, found, known)
        self.set_header("Cache-Control", "no-store")
        await self.finish(said)

    def _said(self, room_id: str, found: NotebookFreshness, known: str) -> str:
        cells = [
            {
                "cell": each.cell,
                "execution": None if each.execution is None else self._told(each.execution, known),
                "stale": each.finding.stale,
                "because": each.finding.because,
                **({} if found.needs is None else {"needs": found.needs[each.cell]}),
            }
            for each in found.cells
        ]
        return json.dumps({"room": room_id, "cells": cells, "analysis": found.analysis})

    def _told(self, record: ExecutionRecord, known: str) -> dict[str, Any]:
        if record.ended_at is not None and record.ended_at <= known:
            return {"id": record.id}
        live = self._ledger.get(record.id)
        return of_history(record) if live is None else to_json(live)

    async def _room_id(self) -> str:
        """The room of the notebook that is meant, which this user may see."""
        path, room = self.get_query_argument("path", None), self.get_query_argument("room", None)
        if (path is None) == (room is None):
            raise InvalidRequest("give the notebook by path or by room")
        if len(path or room or "") > _LONGEST_NAME:
            raise InvalidRequest("the name of the notebook is too long")
        path = self._rooms.path_of(room) if room is not None else (path or "").strip("/")
        if path is None:
            raise NotFound(f"there is no notebook in a room {room!r:.80}")
        contents: Any = self.contents_manager
        try:
            model = await ensure_async(contents.get(path, content=False))
        except (OSError, ValueError) as error:  # names that no file can have
            raise NotFound(f"there is no notebook {path!r:.80}") from error
        if model["type"] != "notebook":
            raise NotANotebook(f"{path!r:.80} is not a notebook")
        return room or await self._rooms.id_of(path)
