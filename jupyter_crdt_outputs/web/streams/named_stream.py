"""The stream that a request names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tornado.web import HTTPError

from ...model.digest import Digest
from ...store import ArtifactStore
from ...streams.log import Log
from ...streams.logs import Logs
from ...streams.view import StreamView
from ..serving import ServingHandler

WAIT_S = 20.0
"""How long a follower waits for something new before it has to ask again."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as somebody asked for it.

    Attributes:
        view: its text now.
        log: what it is written to, unless it is finished.
        revision: of the log, at the time of the view.
    """

    view: StreamView
    log: Log | None = None
    revision: int = 0


class StreamHandler(ServingHandler):
    """What is common to all questions about a stream, which only users who may read outputs may ask."""

    def initialize(self, store: ArtifactStore, logs: Logs, threads: ThreadPoolExecutor) -> None:
        """Take what the routes were registered with."""
        self._store = store
        self._logs = logs
        self.threads = threads

    async def stream(self, name: str, after: str | None = None) -> Stream:
        """The stream of this id; once it is at another revision than *after*, if one is given, or after a while.

        Raises:
            InvalidDigest, InvalidReference, ArtifactMissing, LogMissing: there is none.
        """
        if len(name) != 32:
            return Stream(await self.in_thread(StreamView.of_index, self._store, Digest.parse(name)))
        log = await self.in_thread(self._logs.find, name)
        if after is not None and after == str(log.revision):
            await log.changed(log.revision, WAIT_S)
        revision = log.revision
        return Stream(await self.in_thread(log.view), log, revision)

    def number(self, name: str, default: int) -> int:
        """A number of the query, from 0 on. Raises :class:`HTTPError` (400)."""
        text = self.get_query_argument(name, str(default))
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise HTTPError(400, f"{name} is not a number", reason="Bad Request")
        return int(text)
