"""A server extension that serves one store, as the real one does, with what the tests need to see from outside."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

from jupyter_server.auth import Authorizer, User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from jupyter_crdt_outputs.errors import StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.state import StoreState
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.streams.logs import Logs
from jupyter_crdt_outputs.web import store_state, streams
from jupyter_crdt_outputs.web.artifacts import ArtifactHandler, handlers


class ReadersOnly(Authorizer):
    """Lets a request do what its header lists, as ``action:resource``, so that one server shows every case."""

    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        allowed = handler.request.headers.get("X-Test-Allowed", "read:crdt-outputs")
        checked = ("crdt-outputs", "contents") if "X-Test-Strict" in handler.request.headers else ("crdt-outputs",)
        return resource not in checked or f"{action}:{resource}" in allowed.split()


class WatchedStore(VerifiedStore):
    """Counts reads, and fails those past an offset while a file named ``fail`` lies beside the store."""

    def __init__(self, root: str) -> None:
        super().__init__(open_blobs(root))
        self.reads = 0
        self._lock = threading.Lock()
        self._root = root

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        with self._lock:
            self.reads += 1
        if start > 4_000_000 and Path(self._root + "-fails").exists():
            raise StoreUnavailable("the store went away, for a test")
        return super().read(digest, start, stop)


def _state() -> StoreState:
    return StoreState(**json.loads(Path(os.environ["TEST_STORE"] + "-state").read_text()))


def _waiting() -> list[Digest]:
    return [Digest.of(str(number).encode()) for number in range(_state().waiting)]


class ChangedHandler(JupyterHandler):
    """The store changes, in many threads."""

    watch: store_state.StoreWatch

    async def post(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(self.watch.changed) for _ in range(100)))
        self.finish()


class WatchHandler(JupyterHandler):
    """What the store and the handlers have done so far."""

    store: WatchedStore
    ended = 0

    def get(self) -> None:
        self.finish({"reads": self.store.reads, "ended": WatchHandler.ended})


class WatchedArtifactHandler(ArtifactHandler):
    """The real handler; tells when it is done."""

    def on_finish(self) -> None:
        WatchHandler.ended += 1


def _load_jupyter_server_extension(server: ServerApp) -> None:
    assert server.web_app is not None
    store = WatchedStore(os.environ["TEST_STORE"])
    WatchHandler.store = store
    routes: list[Any] = [
        (route, WatchedArtifactHandler, arguments) for route, _, arguments in handlers(store, server.base_url)
    ]
    routes += handlers(open_store(os.environ["TEST_STORE"]), url_path_join(server.base_url, "plain"))
    plain = open_store(os.environ["TEST_STORE"])
    routes += streams.handlers(plain, Logs(Path(os.environ["TEST_STORE"] + "-logs"), plain), server.base_url)
    routes.append((url_path_join(server.base_url, "test/watch"), WatchHandler))
    routes += store_state.handlers(_state, _waiting, server.base_url)
    ChangedHandler.watch = store_state.StoreWatch(_state, server.event_logger, server.io_loop, interval_s=0.2)
    routes.append((url_path_join(server.base_url, "test/changed"), ChangedHandler))
    server.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call]
