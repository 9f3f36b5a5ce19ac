"""Which outputs of a notebook are stale: ``GET api/crdt-outputs/freshness?path=|room=``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import url_path_join

from ..document.rooms import Room, Rooms
from ..kernel.freshness import Freshness, NotebookFreshness
from ..kernel.records import Ledger
from ..model.executions import ExecutionRecord
from ..viewing.notebooks import Notebooks
from .executions import of_history, to_json
from .handler import allowed_to, http_errors
from .named_notebook import NamesNotebook


@dataclass(frozen=True, slots=True)
class Services:
    """What the handler is given.

    Attributes:
        freshness: tells what is stale.
        ledger: the executions of this server.
        rooms: the open notebooks.
        notebooks: finds notebooks.
        open_room: gives the notebook of a room's id, whether open or not, and how to let it go.
        look_at: called with a kernel's id, to notice whether it was restarted.
    """

    freshness: Freshness
    ledger: Ledger
    rooms: Rooms
    notebooks: Notebooks
    open_room: Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]
    look_at: Callable[[str], object]


def handlers(services: Services, base_url: str) -> list[tuple[str, type[NamesNotebook], Any]]:
    """The route below *base_url*, as ``add_handlers`` of tornado takes it."""
    return [(url_path_join(base_url, "api/crdt-outputs/freshness"), FreshnessHandler, {"services": services})]


class FreshnessHandler(NamesNotebook):
    """The cells of a notebook that hold code: what made their outputs, and whether that still holds."""

    def initialize(self, services: Services) -> None:
        """Take what the route was registered with."""
        self._services = services

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """The cells, each with the record of its run and why it is stale, if it is.

        Of what ended up to the time ``known``, only the id is given: a page that asks at every pause of somebody who
        types has those records, which are nine tenths of the answer. With the id of a ``kernel``, or with none if it is
        still to be started, each cell is told with those that have to run on it first.
        """
        services = self._services
        with http_errors():
            known, kernel_id = self.argument("known") or "", self.argument("kernel")
            room, release = await services.open_room(await self._room_id())
            try:
                if kernel_id:
                    services.look_at(kernel_id)
                found = await services.freshness.of(room, kernel_id)
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
        live = self._services.ledger.get(record.id)
        return of_history(record) if live is None else to_json(live)

    async def _room_id(self) -> str:
        """The room of the notebook that is meant, which this user may see."""
        notebook = await self.notebook_in(self._services.notebooks)
        return self.argument("room") or await self._services.rooms.id_of(notebook.path)
