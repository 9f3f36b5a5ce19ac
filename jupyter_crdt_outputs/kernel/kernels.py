"""The kernels of a server, each with its recorder, and which clients are connected to them."""

from __future__ import annotations

import asyncio
from typing import Any

from ..document.announcements import Announcements
from .messages import Message
from .recorder import Recorder, RecorderContext
from .subscription import Subscription


class Kernels:
    """What websockets ask and tell.

    Args:
        context: for the recorders.
        announcements: which clients see which documents.
    """

    def __init__(self, context: RecorderContext, announcements: Announcements) -> None:
        self._context = context
        self._announcements = announcements
        self._recorders: dict[str, Recorder] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._connections: dict[str, object] = {}

    def connected(self, kernel_id: str, manager: Any, client: str, connection: object) -> Recorder:
        """A client's websocket connects to a kernel."""
        self._connections[client] = connection
        if kernel_id not in self._recorders:
            recorder = self._recorders[kernel_id] = Recorder(self._context)
            self._subscriptions[kernel_id] = Subscription(
                manager, recorder.receive, lambda is_final: self._gone(kernel_id, is_final), self._context.log
            )
        return self._recorders[kernel_id]

    async def ready(self, kernel_id: str) -> None:
        """Wait until the kernel's recorder hears it."""
        await self._subscriptions[kernel_id].ready()

    def disconnected(self, kernel_id: str, client: str, connection: object) -> None:
        """A client's websocket is closed. A newer one of the same client may be there already."""
        if self._connections.get(client) is connection:
            del self._connections[client]
            if kernel_id in self._recorders:
                self._recorders[kernel_id].client_left(client)

    def is_connected(self, client: str) -> bool:
        """Whether the client's websocket is open."""
        return client in self._connections

    def is_announced(self, client: str) -> bool:
        """Whether the client has said which document it sees."""
        return self._announcements.document_of(client) is not None

    def claim(self, kernel_id: str, client: str, request: Message) -> None:
        """Claim an ``execute_request`` if it runs a cell of the document that the client sees.

        Whatever speaks against it leaves the request to the browser, which is always right, only heavier.
        """
        recorder, subscription = self._recorders.get(kernel_id), self._subscriptions.get(kernel_id)
        document = self._announcements.document_of(client)
        if recorder is None or subscription is None or not subscription.is_live or document is None:
            return
        try:
            cell_id, is_silent = request.metadata.get("cellId"), request.content.get("silent", False)
        except ValueError:
            return
        room = self._context.rooms.showing(document)
        if room is None or is_silent or not isinstance(cell_id, str) or room.is_loading:
            return
        if room.find_cell(cell_id) is not None:
            room.send_promptly()
            recorder.claim(request, room, cell_id)

    def owns(self, kernel_id: str, request_id: str) -> bool:
        """Whether the outputs of this request are recorded."""
        recorder = self._recorders.get(kernel_id)
        return recorder is not None and recorder.owns(request_id)

    async def stop(self) -> None:
        """Write what is still to be written and let go of the kernels."""
        for subscription in self._subscriptions.values():
            subscription.stop()
        await asyncio.gather(*(recorder.drain() for recorder in self._recorders.values()))

    def _gone(self, kernel_id: str, is_final: bool) -> None:
        self._recorders[kernel_id].end_all()
        if is_final:
            self._subscriptions.pop(kernel_id).stop()
            del self._recorders[kernel_id]
