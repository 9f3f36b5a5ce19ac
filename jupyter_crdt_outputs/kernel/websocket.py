"""The kernel websocket: claims what it sends for browsers that see the document, and drops what that brings them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from .captures import OutputCaptures
from .kernels import Kernels
from .messages import OUTPUT_TYPES, Message, is_idle
from .subscription import lose_nothing

_deserialize: Callable[[Any], tuple[str, list[bytes]]] = deserialize_msg_from_ws_v1
_PROTOCOL = "v1.kernel.websocket.jupyter.org"


class ClaimingConnection:
    """Mixed in before the server's own connection class, whichever that is.

    For a client that has not announced itself, every message passes exactly as without us, both ways.

    Attributes:
        crdt_kernels: what the server knows of kernels; set by :func:`claiming_connection_class`.
    """

    crdt_kernels: Kernels
    _crdt_captures: OutputCaptures | None = None

    def connect(self) -> Awaitable[None] | None:
        """Connect, and do not let the first request pass before the recorder hears the kernel."""
        me: Any = self
        lose_nothing(me.kernel_manager)
        connected: Awaitable[None] | None = super().connect()  # type: ignore[misc]
        if connected is None:
            return None
        if getattr(me.websocket_handler, "ws_connection", None) is not None:
            me.websocket_handler.set_nodelay(True)  # a delayed acknowledgement costs each reply 40 ms
        recorder = self.crdt_kernels.connected(me.kernel_id, me.kernel_manager, me.session.session, self, self._user)
        self._crdt_captures = OutputCaptures(recorder.captures)

        async def both() -> None:
            await asyncio.gather(connected, self.crdt_kernels.ready(me.kernel_id))

        return both()

    def disconnect(self) -> None:
        """Disconnect; the server now takes over what the browser would have done at the end of its executions."""
        me: Any = self
        super().disconnect()  # type: ignore[misc]
        self.crdt_kernels.disconnected(me.kernel_id, me.session.session, self)

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a browser's message on, having claimed it if it executes a cell of a document the browser sees."""
        me: Any = self
        if self._is_ours and me.channels and self.crdt_kernels.is_announced(me.session.session):
            with self._faults_logged():
                self._look_at(incoming_msg)
        super().handle_incoming_message(incoming_msg)  # type: ignore[misc]

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a kernel's message on, unless it is an output that the document brings."""
        channel = stream if isinstance(stream, str) else getattr(stream, "channel", None)
        if self._is_ours and channel is not None:
            with self._faults_logged():
                if self._drops(channel, outgoing_msg):
                    return
        super().handle_outgoing_message(stream, outgoing_msg)  # type: ignore[misc]

    def tell_idle(self, request_id: str) -> None:
        """Say that the kernel is done with a request of this client, when what it said itself was lost."""
        me: Any = self
        session = me.session
        request = {"msg_id": request_id, "msg_type": "execute_request", "session": session.session}
        idle = session.msg("status", {"execution_state": "idle"}, parent={"header": request})
        self.handle_outgoing_message("iopub", session.serialize(idle))

    @contextmanager
    def _faults_logged(self) -> Iterator[None]:
        """No fault of ours comes between browser and kernel."""
        me: Any = self
        try:
            yield
        except Exception:
            me.log.exception("a kernel message could not be looked at and passes as it is")

    @property
    def _user(self) -> str:
        me: Any = self
        return str(getattr(me.websocket_handler.current_user, "username", ""))

    @property
    def _is_ours(self) -> bool:
        """Whether the client speaks the protocol that JupyterLab speaks; with any other nothing is done."""
        me: Any = self
        return bool(me.subprotocol == _PROTOCOL)

    def _look_at(self, incoming_msg: Any) -> None:
        me: Any = self
        try:
            channel, parts = _deserialize(incoming_msg)
            message = Message.parse(parts)
        except Exception:  # the base class decides what to do with a message that nobody can read
            return
        allowed = me.multi_kernel_manager.allowed_message_types
        if allowed and message.type not in allowed:
            return
        if channel == "shell" and message.type == "execute_request":
            self.crdt_kernels.claim(me.kernel_id, me.session.session, message)
        elif channel == "stdin" and message.type == "input_reply":
            self.crdt_kernels.answered(me.kernel_id)

    def _drops(self, channel: str, frames: list[Any]) -> bool:
        me: Any = self
        try:
            message = Message.parse(me.session.feed_identities(frames)[1][1:])
        except ValueError:
            return False
        if channel != "iopub":
            self.crdt_kernels.told(me.kernel_id, message)
            if channel == "stdin":
                self.crdt_kernels.asked(me.kernel_id, message)
            return False
        if is_idle(message):
            self.crdt_kernels.heard_idle(me.kernel_id, me.session.session, message.parent_id)
        captures = self._crdt_captures
        if captures is not None:
            captures.follow(message)
        return (
            message.type in OUTPUT_TYPES
            and self.crdt_kernels.drops(me.kernel_id, me.session.session, message.parent_id)
            and not (captures is not None and captures.capture(message.parent_id))
        )


def claiming_connection_class(base: type, kernels: Kernels) -> type:
    """*base* with the mixin in front: never another class in its place, since gateways and others set their own."""
    return type(
        f"Claiming{base.__name__}", (ClaimingConnection, base), {"crdt_kernels": kernels, "__module__": __name__}
    )
