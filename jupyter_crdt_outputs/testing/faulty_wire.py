"""What is wrong with the way between a program and a server, for whatever is sent over it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from enum import Enum

from .http_messages import Head

_DRIP_S = 0.2
_NO_LINGERING = struct.pack("ii", 1, 0)


class Fault(Enum):
    """What is wrong with the way to the server."""

    NONE = "none"
    REFUSE = "nothing listens, and open connections are cut"
    HANG = "packets are swallowed: what is sent arrives when the fault ends, if anybody still waits"
    DRIP = "answers come one byte at a time, five a second"
    RESET = "connections are cut as soon as something is sent"
    ERROR = "every request is answered with 500"
    SLOW_DOWN = "every request is answered with 503 SlowDown"
    TRUNCATE = "the connection ends in the middle of every body that is answered"
    CORRUPT = "a bit of every body that is answered is flipped"


class FaultyWire:
    """Passes bytes on as well as its fault allows. On one event loop.

    Attributes:
        fault: what is wrong now.
    """

    def __init__(self) -> None:
        self.fault = Fault.NONE
        self._changed = asyncio.Event()

    def switch(self, fault: Fault) -> None:
        """Have another fault, for every byte from now on."""
        self.fault = fault
        self._changed.set()
        self._changed = asyncio.Event()

    async def pass_gate(self, client: asyncio.StreamWriter) -> None:
        """Wait while packets are swallowed; cut the connection if that is what is wrong."""
        while self.fault is Fault.HANG:
            await self._changed.wait()
        if self.fault is Fault.RESET:
            reset(client)
            raise ConnectionResetError

    async def send(self, body: AsyncIterator[bytes], client: asyncio.StreamWriter, to: asyncio.StreamWriter) -> None:
        """Pass on a body, from *client* or *to* it."""
        async for data in body:
            await self.forward(data, client, to)

    async def forward(self, data: bytes, client: asyncio.StreamWriter, to: asyncio.StreamWriter) -> None:
        """Pass on some bytes, likewise."""
        start = 0
        while start < len(data):
            await self.pass_gate(client)
            drips = self.fault is Fault.DRIP and to is client
            stop = start + 1 if drips else len(data)
            to.write(data[start:stop])
            await to.drain()
            await asyncio.sleep(_DRIP_S if drips else 0)
            start = stop

    async def damaged(self, body: AsyncIterator[bytes], head: Head) -> AsyncIterator[bytes]:
        """The body of an answer as it arrives."""
        async for data in body:
            if self.fault is Fault.TRUNCATE:
                yield data[: len(data) // 2]
                raise ConnectionAbortedError
            if self.fault is Fault.CORRUPT and "chunked" not in head.headers.get("transfer-encoding", ""):
                data = bytes([data[0] ^ 1]) + data[1:]
            yield data


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with an RST instead of a FIN."""
    with suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
    writer.transport.abort()
