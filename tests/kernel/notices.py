"""What a server tells open pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.web.notices import SCHEMA_ID

from .tabs import WAIT_S


class Notices:
    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.events: list[dict[str, Any]] = []

    def take(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if event.get("schema_id") == SCHEMA_ID:
            self.kinds.append(event["kind"])

    async def first(self) -> str:
        async with asyncio.timeout(WAIT_S):
            while not self.kinds:  # noqa: ASYNC110 - another websocket
                await asyncio.sleep(0.05)
        return self.kinds[0]


@asynccontextmanager
async def notices(server: LabServer) -> AsyncIterator[Notices]:
    """What a page's events websocket brings."""
    url = f"{server.ws_url}api/events/subscribe"
    heard = Notices()

    def take(message: str | bytes | None) -> None:
        if message is not None:
            heard.take(json.loads(message))

    connection = await websocket_connect(HTTPRequest(url, headers=server.headers), on_message_callback=take)
    try:
        yield heard
    finally:
        connection.close()
