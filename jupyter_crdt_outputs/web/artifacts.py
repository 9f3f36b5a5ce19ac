"""Artifacts over HTTP: ``GET|HEAD api/crdt-outputs/artifacts/<sha256>?type=<mime>&download=1``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from jupyter_server.utils import url_path_join

from ..model.digest import Digest
from ..store import ArtifactStore
from .media_types import media_type_of
from .serving import File, FileHandler, ServingHandler

_THREADS = 8


def handlers(store: ArtifactStore, base_url: str) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes that serve *store* below *base_url*, as ``add_handlers`` of tornado takes them."""
    # Threads of our own: a store that does not answer must not hold up the rest of the server.
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="artifact-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/artifacts/([^/]+)")
    return [(route, ArtifactHandler, {"store": store, "threads": threads})]


class ArtifactHandler(FileHandler):
    """The raw bytes of one artifact, to a user who may read outputs.

    Every byte sent belongs to an artifact that was hashed as a whole (I2).
    """

    def initialize(self, store: ArtifactStore, threads: ThreadPoolExecutor) -> None:
        """Take what the route was registered with."""
        self._store = store
        self.threads = threads

    async def file(self, name: str) -> File:
        """The artifact of this digest."""
        digest = Digest.parse(name)
        media_type = media_type_of(self.get_query_argument("type", ""))
        read = partial(self._store.read, digest)
        size, beginning = await self.in_thread(self._begin, digest, read)
        return File(read, size, f'"{digest}"', media_type, digest.hex[:12], True, beginning)

    def _begin(self, digest: Digest, read: Callable[[int, int], bytes]) -> tuple[int, tuple[int, bytes]]:
        size = self._store.size(digest)
        return size, self.beginning(read, size)
