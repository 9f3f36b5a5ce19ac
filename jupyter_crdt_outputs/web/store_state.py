"""How things stand with the store, for whoever has a page open: ``GET api/crdt-outputs/store``, and a Jupyter event."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.ioloop import IOLoop

from ..model.digest import Digest
from ..store.state import StoreState
from .event_schema import event_schema
from .handler import CrdtOutputsHandler, allowed_to, http_errors

SCHEMA = event_schema(
    "store",
    "State of the artifact store",
    "What this server has still to write to the store of outputs, and how full the store is.",
    {
        "waiting": {"type": "integer", "description": "Artifacts that are on this server and not yet in the store."},
        "waiting_bytes": {"type": "integer", "description": "Their bytes."},
        "trouble": {"type": "string", "description": "Why they are not there, for people; empty if nothing is wrong."},
        "used_bytes": {"type": ["integer", "null"], "description": "What the store holds, if it was counted."},
        "quota_bytes": {"type": ["integer", "null"], "description": "What it may hold, if there is a limit."},
    },
)
SCHEMA_ID: str = SCHEMA["$id"]

_MOST_DIGESTS = 1000
_INTERVAL_S = 1.0


def handlers(
    state: Callable[[], StoreState], waiting: Callable[[], Sequence[Digest]], base_url: str
) -> list[tuple[str, type[CrdtOutputsHandler], dict[str, Any]]]:
    """The route that tells *state* and *waiting*, as ``add_handlers`` of tornado takes it.

    Args:
        state: how things stand now; answers at once.
        waiting: the artifacts that are not yet in the store; may read a disk.
        base_url: what the route is below.
    """
    route = url_path_join(base_url, r"api/crdt-outputs/store")
    return [(route, StoreHandler, {"state": state, "waiting": waiting})]


class StoreHandler(CrdtOutputsHandler):
    """The state of the store, to a user who may read outputs."""

    def initialize(self, state: Callable[[], StoreState], waiting: Callable[[], Sequence[Digest]]) -> None:
        """Take what the route was registered with."""
        self._state = state
        self._waiting = waiting

    @allowed_to("read")
    async def get(self) -> None:
        """The fields of :class:`StoreState` as JSON; with ``?digests=1`` up to 1,000 digests of what waits, too."""
        with http_errors():
            answer: dict[str, Any] = asdict(self._state())
            if self.flag("digests"):
                waiting = await asyncio.to_thread(self._waiting)
                answer["digests"] = [digest.hex for digest in waiting[:_MOST_DIGESTS]]
        await self.tell(answer)


class StoreWatch:
    """Tells every open page how the store is, a moment after it has changed, and once for all changes in that moment.

    The moment is what keeps quiet about artifacts that are in the store before anybody could read of them.

    Args:
        state: how things stand now; answers at once.
        event_logger: the server's.
        loop: where the events are emitted.
        interval_s: the moment, in seconds.
    """

    def __init__(
        self,
        state: Callable[[], StoreState],
        event_logger: Any,
        loop: IOLoop,
        interval_s: float = _INTERVAL_S,
    ) -> None:
        self._state = state
        self._event_logger = event_logger
        self._loop = loop
        self._interval_s = interval_s
        self._told: StoreState | None = None
        self._due = threading.Lock()
        event_logger.register_event_schema(SCHEMA)

    def changed(self) -> None:
        """The state may be another one. From any thread; never raises, never waits."""
        if self._due.acquire(blocking=False):
            self._loop.add_callback(self._loop.call_later, self._interval_s, self._tell)

    def _tell(self) -> None:
        self._due.release()  # before looking: what changes from here on is looked at again
        state = self._state()
        if state != self._told:
            self._told = state
            self._event_logger.emit(schema_id=SCHEMA_ID, data=asdict(state))
