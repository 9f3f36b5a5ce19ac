"""Artifacts over HTTP: ``GET|HEAD api/crdt-outputs/artifacts/<sha256>?type=<mime>&download=1``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from jupyter_server.utils import url_path_join

from ..model.digest import Digest
from ..store import ArtifactStore
from ..store.signing import SignedUrl
from .handler import allowed_to, http_errors
from .media_types import media_type_of
from .serving import File, FileHandler, ServingHandler

_THREADS = 8


UrlOf = Callable[[Digest, str, str], SignedUrl | None]
"""Gives the address of an artifact in its bucket, from its media type and its disposition; None to serve it here."""


def handlers(
    store: ArtifactStore, base_url: str, url_of: UrlOf | None = None
) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes that serve *store* below *base_url*, as ``add_handlers`` of tornado takes them."""
    # Threads of our own: a store that does not answer must not hold up the rest of the server.
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="artifact-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/artifacts/([^/]+)")
    return [(route, ArtifactHandler, {"store": store, "threads": threads, "url_of": url_of})]


class ArtifactHandler(FileHandler):
    """The raw bytes of one artifact, to a user who may read outputs.

    Every byte sent belongs to an artifact that was hashed as a whole (I2). What is fetched from a bucket is as right
    as the bucket keeps it.
    """

    def initialize(self, store: ArtifactStore, threads: ThreadPoolExecutor, url_of: UrlOf | None = None) -> None:
        """Take what the route was registered with."""
        self._store = store
        self._url_of = url_of
        self.threads = threads

    @allowed_to("read")
    async def get(self, name: str) -> None:
        """The artifact, or one range of it, or the way to it."""
        with http_errors():
            file = await self.file(name)
            signed = await self._signed(Digest.parse(name), file)
            if signed is None:
                await self._answer(file, self.request.headers.get("Range"))
            else:
                await self._send_to(signed)

    async def file(self, name: str) -> File:
        """The artifact of this digest."""
        digest = Digest.parse(name)
        media_type = media_type_of(self.get_query_argument("type", ""))
        read = partial(self._store.read, digest)
        size, beginning = await self.in_thread(self._begin, digest, read)
        return File(read, size, f'"{digest}"', media_type, digest.hex[:12], True, beginning)

    def _begin(self, digest: Digest, read: Callable[[int, int], bytes]) -> tuple[int, tuple[int, bytes]]:
        size = self._store.size(digest)
        # What a browser is likely to fetch from elsewhere is not read.
        return size, self.beginning(read, size) if self._url_of is None else (0, b"")

    async def _signed(self, digest: Digest, file: File) -> SignedUrl | None:
        if self._url_of is None or "If-None-Match" in self.request.headers:  # the browser has it
            return None
        disposition = file.media_type.disposition(file.name, download=self.flag("download"))
        return await self.in_thread(self._url_of, digest, file.media_type.content_type, disposition)

    async def _send_to(self, signed: SignedUrl) -> None:
        self.set_status(302)
        self.set_header("Location", signed.url)
        self.set_header("Cache-Control", f"private, max-age={signed.max_age_s}")
        self.set_header("Referrer-Policy", "no-referrer")
        await self.finish()
