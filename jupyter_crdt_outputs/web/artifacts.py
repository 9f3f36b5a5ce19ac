"""Artifacts over HTTP: ``GET|HEAD api/crdt-outputs/artifacts/<sha256>?type=<mime>&download=1``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from jupyter_server.utils import url_path_join

from ..model.digest import Digest
from ..store import ArtifactStore
from .handler import allowed_to, http_errors
from .media_types import media_type_of
from .serving import ServingHandler

_THREADS = 8


def handlers(store: ArtifactStore, base_url: str) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes that serve *store* below *base_url*, as ``add_handlers`` of tornado takes them."""
    # Threads of our own: a store that does not answer must not hold up the rest of the server.
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="artifact-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/artifacts/([^/]+)")
    return [(route, ArtifactHandler, {"store": store, "threads": threads})]


class ArtifactHandler(ServingHandler):
    """The raw bytes of one artifact, to a user who may read outputs.

    Every byte sent belongs to an artifact that was hashed as a whole (I2).
    """

    def initialize(self, store: ArtifactStore, threads: ThreadPoolExecutor) -> None:
        """Take what the route was registered with."""
        self._store = store
        self.threads = threads

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
        size = await self.in_thread(self._store.size, digest)
        media_type = media_type_of(self.get_query_argument("type", ""))
        etag = f'"{digest}"'
        self.set_serving_headers(etag, media_type, digest.hex[:12], immutable=True)
        if self.check_etag_header():
            self.set_status(304)
            await self.finish()
            return
        await self.send(partial(self._store.read, digest), size, etag, media_type, range_header)
