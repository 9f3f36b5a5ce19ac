"""The kernels of a server, each with its recorder, and what their clients ask of them."""

from __future__ import annotations

import asyncio
from typing import Any

from ..document.rooms import Room
from ..model.executions import ExecutionRecord, source_digest
from .clients import Connection
from .context import RecorderContext
from .messages import Message
from .recorder import Recorder
from .records import new_id, now
from .subscription import Subscription


class Kernels:
    """What websockets ask and tell. Nothing here raises: a fault of ours must not come between browser and kernel.

    Args:
        context: for the recorders.
    """

    def __init__(self, context: RecorderContext) -> None:
        self._context = context
        self._clients = context.clients
        self._recorders: dict[str, Recorder] = {}
        self._subscriptions: dict[str, Subscription] = {}

    def connected(self, kernel_id: str, manager: Any, client: str, connection: Connection, user: str = "") -> Recorder:
        """A client's websocket connects to a kernel."""
        self._clients.connected(client, connection, user)
        return self.follow(kernel_id, manager)

    def follow(self, kernel_id: str, manager: Any) -> Recorder:
        """The kernel's recorder, which hears it once :meth:`ready` has returned."""
        recorder = self._recorders.get(kernel_id)
        if recorder is None:
            recorder = self._recorders[kernel_id] = Recorder(self._context, lambda: self._ask(kernel_id))
            self._subscriptions[kernel_id] = Subscription(
                manager, recorder.receive, lambda is_final: self._gone(kernel_id, is_final), self._context.log
            )
        return recorder

    async def ready(self, kernel_id: str) -> None:
        """Wait until the kernel's recorder hears it; it is left to the browsers when it cannot be heard."""
        subscription = self._subscriptions.get(kernel_id)
        if subscription is None:
            return
        try:
            await subscription.ready()
        except Exception:
            self._context.log.exception("kernel %s cannot be listened to", kernel_id)

    def disconnected(self, kernel_id: str, client: str, connection: Connection) -> None:
        """A client's websocket is closed. A newer one of the same client may be there already."""
        if not self._clients.disconnected(client, connection):
            return
        try:
            if kernel_id in self._recorders:
                self._recorders[kernel_id].client_left(client)
        except Exception:
            self._context.log.exception("executions of a closed browser could not be finished")

    def is_live(self, kernel_id: str) -> bool:
        """Whether the kernel is heard, as the process that it is now."""
        subscription = self._subscriptions.get(kernel_id)
        if subscription is None:
            return False
        subscription.notice_restart()
        return subscription.is_live

    def catch_up(self, kernel_id: str) -> None:
        """Hand on what the kernel has published already, before something that it said elsewhere is acted on."""
        subscription = self._subscriptions.get(kernel_id)
        if subscription is not None:
            subscription.flush()

    def heard_idle(self, kernel_id: str, client: str, request_id: str) -> None:
        """Such a message passes to a client."""
        if kernel_id in self._recorders:
            self._recorders[kernel_id].heard_idle(client, request_id)

    def is_announced(self, client: str) -> bool:
        """Whether the client has said which document it sees."""
        return self._clients.document_of(client) is not None

    def claim(self, kernel_id: str, client: str, request: Message) -> None:
        """Claim an ``execute_request`` if it runs a cell of the document that the client sees.

        Whatever speaks against it leaves the request to the browser, which is always right, only heavier.
        """
        try:
            self._claim(kernel_id, client, request)
        except Exception:
            self._context.log.exception("an execution could not be claimed and is left to the browser")

    def drops(self, kernel_id: str, client: str, request_id: str) -> bool:
        """Whether this client is not to get the request's outputs, because the document brings them.

        For the client that made the request this holds until the end, whatever becomes of its announcement
        meanwhile: else it would write beside the recorder.
        """
        recorder = self._recorders.get(kernel_id)
        if recorder is None or not recorder.owns(request_id):
            return False
        return recorder.client_of(request_id) == client or self.is_announced(client)

    def told(self, kernel_id: str, message: Message) -> None:
        """A message of the kernel to one client, and so not published, is about to pass."""
        if kernel_id in self._recorders:
            self._recorders[kernel_id].told(message)

    def asked(self, kernel_id: str, request: Message) -> None:
        """An ``input_request`` is about to pass to a browser."""
        recorder, subscription = self._recorders.get(kernel_id), self._subscriptions.get(kernel_id)
        if recorder is not None and subscription is not None and recorder.owns(request.parent_id):
            subscription.flush()
            recorder.asked(request.parent_id)

    def answered(self, kernel_id: str) -> None:
        """An ``input_reply`` is about to pass to the kernel."""
        if kernel_id in self._recorders:
            self._recorders[kernel_id].answered()

    async def stop(self) -> None:
        """Write what is still to be written and let go of the kernels."""
        for subscription in self._subscriptions.values():
            subscription.stop()
        await asyncio.gather(*(recorder.stop() for recorder in self._recorders.values()))

    def _claim(self, kernel_id: str, client: str, request: Message) -> None:
        recorder = self._recorders.get(kernel_id)
        document = self._clients.document_of(client)
        if recorder is None or document is None:
            return
        if not self.is_live(kernel_id):
            return
        cell_id, is_silent = request.metadata.get("cellId"), request.content.get("silent", False)
        room = self._context.rooms.showing(document)
        if room is None or is_silent or not isinstance(cell_id, str) or room.is_loading:
            return
        if room.find_cell(cell_id) is not None:
            room.send_promptly()
            code = str(request.content.get("code", ""))
            live = self._context.ledger.add(self._asked(kernel_id, client, room, cell_id))
            live.sent(source_digest(code).hex, self._context.ledger.source(code))
            recorder.claim(request.msg_id, client, room, cell_id, live)

    def _asked(self, kernel_id: str, client: str, room: Room, cell_id: str) -> ExecutionRecord:
        spec = self._context.kernelspec(kernel_id)
        return ExecutionRecord(
            id=new_id(),
            run=None,
            parent=None,
            cell=cell_id,
            path=room.path,
            file_id=room.file_id,
            kernel=kernel_id,
            kernel_name=spec.name,
            language=spec.language,
            user=self._clients.user_of(client),
            via="browser",
            queued_at=now(),
        )

    def _ask(self, kernel_id: str) -> list[str]:
        try:
            return self._subscriptions[kernel_id].ask()
        except Exception:
            self._context.log.exception("kernel %s cannot be asked", kernel_id)
            return []

    def _gone(self, kernel_id: str, is_final: bool) -> None:
        self._recorders[kernel_id].restarted()
        self._context.restarted(kernel_id)
        if is_final:
            self._subscriptions.pop(kernel_id).stop()
            del self._recorders[kernel_id]
