"""Sending stored bytes: whole or in part, in constant memory, and with nothing in them that could run."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from tornado.iostream import StreamClosedError

from .handler import CrdtOutputsHandler, allowed_to, http_errors
from .media_types import MediaType
from .ranges import parse_range

T = TypeVar("T")

_CHUNK_BYTES = 1 << 20


class ServingHandler(CrdtOutputsHandler):
    """What is common to all answers with stored content.

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

    def send_uncompressed(self) -> None:
        """Keep tornado from compressing, which it does on the event loop and at the cost of the Content-Length."""
        if self.settings.get("compress_response") or self.settings.get("gzip"):
            self.set_header("Content-Encoding", "identity")


@dataclass(frozen=True, slots=True)
class File:
    """Bytes that can be sent.

    Attributes:
        read: gives the bytes from an offset up to another; blocks.
        size: bytes in all.
        etag: as in the header: another one whenever the bytes are others.
        media_type: what they are.
        name: to be saved as, without its ending.
        immutable: whether what the address stands for never changes.
        beginning: an offset and bytes from there on, if what an answer begins with has been read already.
    """

    read: Callable[[int, int], bytes]
    size: int
    etag: str
    media_type: MediaType
    name: str
    immutable: bool
    beginning: tuple[int, bytes] = (0, b"")


class FileHandler(ServingHandler):
    """GET and HEAD of something that is sent as a file: whole, or one range of it.

    Holds a few chunks in memory at most, and no thread while a client is slow. What cannot be served raises before
    anything is sent; when the store fails in mid-stream, the connection is closed short of its Content-Length, so the
    client knows.
    """

    @abstractmethod
    async def file(self, name: str) -> File:
        """The file of this name. Raises what :func:`.http_errors` knows."""

    def beginning(self, read: Callable[[int, int], bytes], size: int) -> tuple[int, bytes]:
        """What the answer begins with, for a file that is opened and read at one go. Blocks.

        Args:
            read: as in :class:`File`.
            size: as there.
        """
        asked = parse_range(self.request.headers.get("Range"), size)
        span = range(size) if asked is None else asked
        if self.request.method == "HEAD" or not span or "If-None-Match" in self.request.headers:
            span = range(0)
        return span.start, read(span.start, span[:_CHUNK_BYTES].stop)

    @allowed_to("read")
    async def get(self, name: str) -> None:
        """The file, or one range of it."""
        with http_errors():
            await self._answer(await self.file(name), self.request.headers.get("Range"))

    @allowed_to("read")
    async def head(self, name: str) -> None:
        """The headers of a GET of the whole. Verifies the file's beginning as a GET does."""
        with http_errors():
            await self._answer(await self.file(name), None)

    async def _answer(self, file: File, range_header: str | None) -> None:
        self._describe(file)
        if self.check_etag_header():
            self.set_status(304)
            await self.finish()
            return
        if self.request.headers.get("If-Range", file.etag) != file.etag:
            range_header = None
        asked = parse_range(range_header, file.size)
        if asked is not None and not asked:
            # Tornado clears the headers of an error that is raised, so this one is written here.
            self.set_header("Content-Range", f"bytes */{file.size}")
            self.set_status(416)
            self.write_error(416)
            return
        if asked is not None:
            self.set_header("Content-Range", f"bytes {asked.start}-{asked.stop - 1}/{file.size}")
            self.set_status(206)
        await self._send(file, range(file.size) if asked is None else asked)

    async def _send(self, file: File, span: range) -> None:
        first = range(span.start, span.start) if self.request.method == "HEAD" else span[:_CHUNK_BYTES]
        offset, data = file.beginning
        if (offset, len(data)) != (first.start, len(first)) or not data:
            data = await self.in_thread(file.read, first.start, first.stop)
        self.set_header("Content-Length", str(len(span)))
        try:
            for start in range(first.stop, span.stop, _CHUNK_BYTES) if first else ():
                self.write(data)
                await self.flush()  # waits until the socket has taken it: a slow client slows the reading
                data = await self.in_thread(file.read, start, min(start + _CHUNK_BYTES, span.stop))
            self.write(data)
            await self.finish(set_content_type=file.media_type.content_type)
        except StreamClosedError:
            pass  # the client has left

    def _describe(self, file: File) -> None:
        """Say what is sent, and for how long it holds."""
        self.set_header("Etag", file.etag)
        self.set_header("Cache-Control", "private, max-age=31536000, immutable" if file.immutable else "no-store")
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Type", file.media_type.content_type)
        disposition = file.media_type.disposition(file.name, download=self.flag("download"))
        self.set_header("Content-Disposition", disposition)
        self.send_uncompressed()
