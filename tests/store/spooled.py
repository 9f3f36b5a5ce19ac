"""A spooled store whose far end can be broken, slowed and watched."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from fsspec.implementations.memory import MemoryFileSystem

from jupyter_crdt_outputs.errors import StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.blobs import BlobStat
from jupyter_crdt_outputs.store.remote import RemoteBlobs
from jupyter_crdt_outputs.store.spool import SpooledStore
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

LOG = logging.getLogger("for-a-test")


class FarBlobs(RemoteBlobs):
    """Blobs in this process that call *on* with the name of each verb before they do it."""

    def __init__(self, name: str) -> None:
        super().__init__(MemoryFileSystem(skip_instance_cache=True), f"/{name}", "for a test", atomic=True)
        self.url = f"memory://{name}"
        self.on: Callable[[str], None] = lambda verb: None

    def break_down(self) -> None:
        def fail(verb: str) -> None:
            raise StoreUnavailable(f"cannot {verb}, for a test")

        self.on = fail

    def mend(self) -> None:
        self.on = lambda verb: None

    def stat(self, digest: Digest) -> BlobStat | None:
        self.on("stat")
        return super().stat(digest)

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        self.on("read")
        return super().read(digest, start, stop)

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        self.on("write")
        return super().write(blobs)


def spooled(
    far: FarBlobs, folder: Path, spool_max_bytes: int = 1 << 30, cache_max_bytes: int = 1 << 30
) -> SpooledStore:
    return SpooledStore(lambda: VerifiedStore(far), folder, spool_max_bytes, cache_max_bytes, LOG)


def wait_until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)


def wait_until_uploaded(store: SpooledStore) -> None:
    wait_until(lambda: not store.waiting(), "artifacts still wait")
