"""Where an HTTP/1.1 message begins and ends, for a proxy that meddles with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

_CHUNK_BYTES = 1 << 16
_BODILESS = {204, 304}


@dataclass(frozen=True, slots=True)
class Head:
    """The first part of a message.

    Attributes:
        raw: all of it, with the empty line.
        first: the request line or the status line.
        headers: by lower-case name.
    """

    raw: bytes
    first: str
    headers: dict[str, str]

    @property
    def status(self) -> int:
        """Of a response."""
        return int(self.first.split(" ", 2)[1])

    @property
    def closes(self) -> bool:
        """Whether the connection ends with this message."""
        return self.headers.get("connection", "").lower() == "close"


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The head of the next message; None when the connection has ended."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Head(raw, first, {name.strip().lower(): value.strip() for name, _, value in pairs})


async def read_body(reader: asyncio.StreamReader, head: Head, *, to_method: str = "") -> AsyncIterator[bytes]:
    """The body after *head*, in pieces, framed as it came.

    Args:
        reader: where the head was read.
        head: of the message.
        to_method: of the request that a response answers; empty for a request.
    """
    if to_method == "HEAD" or (to_method and head.status in _BODILESS):
        return
    if "chunked" in head.headers.get("transfer-encoding", "").lower():
        while True:
            size = await reader.readuntil(b"\r\n")
            length = int(size.partition(b";")[0], 16)
            yield size + await reader.readexactly(length + 2)
            if not length:
                return
    left = int(head.headers["content-length"]) if "content-length" in head.headers else None
    if left is None and not to_method:
        return  # a request without a length has no body
    while left is None or left:
        data = await reader.read(_CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES))
        if not data:
            return
        left = None if left is None else left - len(data)
        yield data
