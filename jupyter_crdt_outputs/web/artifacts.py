"""Artifacts over HTTP: ``GET|HEAD api/crdt-outputs/artifacts/<sha256>?type=<mime>&download=1``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError

from ..model.digest import Digest
from ..store import ArtifactStore
from .handler import CrdtOutputsHandler, allowed_to, http_errors
from .media_types import MediaType, media_type_of
from .ranges import parse_range

T = TypeVar("T")

_CHUNK_BYTES = 256 * 1024
_THREADS = 8


def handlers(store: ArtifactStore, base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], dict[str, Any]]]:
    """The routes that serve *store* below *base_url*, as ``add_handlers`` of tornado takes them."""
    # Threads of our own: a store that does not answer must not hold up the rest of the server.
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="artifact-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/artifacts/([^/]+)")
    return [(route, ArtifactHandler, {"store": store, "threads": threads})]


class ArtifactHandler(CrdtOutputsHandler):
    """The raw bytes of one artifact, to a user who may read outputs.

    Every byte sent belongs to an artifact that was hashed as a whole (I2). Holds a few chunks in memory at most, and
    no thread while a client is slow. When the store fails in mid-stream, the connection is closed short of its
    Content-Length, so the client knows.
    """

    def initialize(self, store: ArtifactStore, threads: ThreadPoolExecutor) -> None:
        """Take what the route was registered with."""
        self._store = store
        self._threads = threads

    @property
    def content_security_policy(self) -> str:
        """Our own, whatever the server is configured with: nothing in an artifact runs or loads anything."""
        return "sandbox; default-src 'none'; frame-ancestors 'self'"

    def set_default_headers(self) -> None:
        """Add what must hold for errors as well."""
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def compute_etag(self) -> str | None:
        """None: the entity tag is the digest, not a hash of the answer."""
        return None

    @allowed_to("read")
    async def get(self, name: str) -> None:
        """The artifact, or one range of it."""
        with http_errors():
            await self._answer(name, self.request.headers.get("Range"))

    @allowed_to("read")
    async def head(self, name: str) -> None:
        """The headers of a GET of the whole. Verifies the artifact as a GET does."""
        with http_errors():
            await self._answer(name, None)

    async def _answer(self, name: str, range_header: str | None) -> None:
        digest = Digest.parse(name)
        size = await self._in_thread(self._store.size, digest)
        media_type = media_type_of(self.get_query_argument("type", ""))
        self._set_headers(digest, media_type)
        if self.check_etag_header():
            self.set_status(304)
            await self.finish()
            return
        if self.request.headers.get("If-Range", _etag(digest)) != _etag(digest):
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
        await self._send(digest, range(size) if asked is None else asked, media_type)

    async def _send(self, digest: Digest, span: range, media_type: MediaType) -> None:
        """Send the bytes of *span*. An artifact that cannot be served raises before anything is sent."""
        first = range(span.start, span.start) if self.request.method == "HEAD" else span[:_CHUNK_BYTES]
        data = await self._in_thread(self._store.read, digest, first.start, first.stop)
        self.set_header("Content-Length", str(len(span)))
        try:
            for start in range(first.stop, span.stop, _CHUNK_BYTES) if first else ():
                self.write(data)
                await self.flush()  # waits until the socket has taken it: a slow client slows the reading
                data = await self._in_thread(self._store.read, digest, start, min(start + _CHUNK_BYTES, span.stop))
            self.write(data)
            await self.finish(set_content_type=media_type.content_type)
        except StreamClosedError:
            pass  # the client has left

    def _set_headers(self, digest: Digest, media_type: MediaType) -> None:
        self.set_header("Etag", _etag(digest))
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Type", media_type.content_type)
        download = self.get_query_argument("download", "0") not in ("", "0")
        self.set_header("Content-Disposition", media_type.disposition(digest, download=download))
        if self.settings.get("compress_response") or self.settings.get("gzip"):
            # Tornado compresses what has no encoding yet, on the event loop, and drops the Content-Length.
            self.set_header("Content-Encoding", "identity")

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def _etag(digest: Digest) -> str:
    return f'"{digest}"'
