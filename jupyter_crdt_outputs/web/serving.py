"""Sending stored bytes: whole or in part, in constant memory, and with nothing in them that could run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tornado.iostream import StreamClosedError

from .handler import CrdtOutputsHandler
from .media_types import MediaType
from .ranges import parse_range

T = TypeVar("T")

_CHUNK_BYTES = 256 * 1024


class ServingHandler(CrdtOutputsHandler):
    """Holds a few chunks in memory at most, and no thread while a client is slow.

    When the store fails in mid-stream, the connection is closed short of its Content-Length, so the client knows.

    Attributes:
        threads: where everything that blocks is done.
    """

    threads: ThreadPoolExecutor

    @property
    def content_security_policy(self) -> str:
        """Our own, whatever the server is configured with: nothing that is stored runs or loads anything."""
        return "sandbox; default-src 'none'; frame-ancestors 'self'"

    def set_default_headers(self) -> None:
        """Add what must hold for errors as well."""
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def compute_etag(self) -> str | None:
        """None: an entity tag is set by who knows the content, and is not a hash of the answer."""
        return None

    async def in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call what blocks."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, function, *arguments)

    async def send(
        self, read: Callable[[int, int], bytes], size: int, etag: str, media_type: MediaType, range_header: str | None
    ) -> None:
        """Answer with the bytes, with a range of them, or with their headers alone.

        What cannot be served raises before anything is sent.

        Args:
            read: gives the bytes from an offset up to another; blocks.
            size: bytes in all.
            etag: as in the header.
            media_type: what they are.
            range_header: as it was sent, or None for all.
        """
        if self.request.headers.get("If-Range", etag) != etag:
            range_header = None
        asked = parse_range(range_header, size)
        if asked is not None and not asked:
            # Tornado clears the headers of an error that is raised, so this one is written here.
            self.set_header("Content-Range", f"bytes */{size}")
            self.set_status(416)
            self.write_error(416)
            return
        if asked is not None:
            self.set_header("Content-Range", f"bytes {asked.start}-{asked.stop - 1}/{size}")
            self.set_status(206)
        span = range(size) if asked is None else asked
        first = range(span.start, span.start) if self.request.method == "HEAD" else span[:_CHUNK_BYTES]
        data = await self.in_thread(read, first.start, first.stop)
        self.set_header("Content-Length", str(len(span)))
        try:
            for start in range(first.stop, span.stop, _CHUNK_BYTES) if first else ():
                self.write(data)
                await self.flush()  # waits until the socket has taken it: a slow client slows the reading
                data = await self.in_thread(read, start, min(start + _CHUNK_BYTES, span.stop))
            self.write(data)
            await self.finish(set_content_type=media_type.content_type)
        except StreamClosedError:
            pass  # the client has left

    def set_serving_headers(self, etag: str, media_type: MediaType, file_name: str, *, immutable: bool) -> None:
        """Say what is sent, and for how long it holds."""
        self.set_header("Etag", etag)
        self.set_header("Cache-Control", "private, max-age=31536000, immutable" if immutable else "no-store")
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Type", media_type.content_type)
        download = self.get_query_argument("download", "0") not in ("", "0")
        self.set_header("Content-Disposition", media_type.disposition(file_name, download=download))
        self.send_uncompressed()

    def send_uncompressed(self) -> None:
        """Keep tornado from compressing, which it does on the event loop and at the cost of the Content-Length."""
        if self.settings.get("compress_response") or self.settings.get("gzip"):
            self.set_header("Content-Encoding", "identity")
