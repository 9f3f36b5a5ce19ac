"""One websocket of a browser, with its traffic counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

_MAX_MESSAGE_BYTES = 2**30


@dataclass
class Traffic:
    """What went over one websocket: payload bytes and messages, and when the last one came.

    Attributes:
        last_received_at: ``time.monotonic()`` of the last message received; 0.0 before the first.
    """

    received_bytes: int = 0
    received_messages: int = 0
    sent_bytes: int = 0
    sent_messages: int = 0
    last_received_at: float = 0.0

    def reset(self) -> None:
        """Start counting from zero again."""
        self.received_bytes = self.received_messages = self.sent_bytes = self.sent_messages = 0


class Wire:
    """A websocket that hands each message to *on_message* in order, on the event loop.

    Sockets are set to send at once, as browsers set theirs. :attr:`closed` is set when the other side, or we, closed.
    """

    def __init__(self, on_message: Callable[[bytes], None]) -> None:
        self.traffic = Traffic()
        self.closed = asyncio.Event()
        self._on_message = on_message
        self._connection: WebSocketClientConnection | None = None

    async def open(self, url: str, headers: Mapping[str, str], *, subprotocols: Sequence[str] = ()) -> None:
        """Connect. Raises tornado's HTTPError when the server refuses."""
        self._connection = await websocket_connect(
            HTTPRequest(url, headers=dict(headers)),
            on_message_callback=self._receive,
            max_message_size=_MAX_MESSAGE_BYTES,
            subprotocols=list(subprotocols),
        )
        assert self._connection.protocol is not None
        self._connection.protocol.set_nodelay(True)
        # tornado's client gives up a connection on which a message of 100 MB comes in; a browser does not.
        assert self._connection.protocol.stream is not None
        self._connection.protocol.stream.max_buffer_size = _MAX_MESSAGE_BYTES

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol the server selected."""
        return self._connection.selected_subprotocol if self._connection else None

    @property
    def close_reason(self) -> tuple[int | None, str | None]:
        """Code and text the server closed with."""
        if self._connection is None:
            return None, None
        return self._connection.close_code, self._connection.close_reason

    def send(self, message: bytes) -> None:
        """Queue one message. Raises ConnectionError when there is no connection."""
        if self._connection is None or self.closed.is_set():
            raise ConnectionError("the websocket is closed")
        self.traffic.sent_bytes += len(message)
        self.traffic.sent_messages += 1
        # The returned future only says when the frame left; frames leave in order without waiting for it.
        self._connection.write_message(message, binary=True)

    async def close(self) -> None:
        """Close as a closed tab does, and wait for the other side's answer. Idempotent."""
        if self._connection is not None and not self.closed.is_set():
            self._connection.close()
            await self.closed.wait()

    def _receive(self, message: str | bytes | None) -> None:
        if message is None:
            self.closed.set()
            return
        data = message.encode() if isinstance(message, str) else message
        self.traffic.received_bytes += len(data)
        self.traffic.received_messages += 1
        self.traffic.last_received_at = time.monotonic()
        self._on_message(data)
