"""Long streams over HTTP, finished ones by the digest of their index and those being written by the id of their log.

``GET|HEAD api/crdt-outputs/streams/<id>`` is the text, ``…/lines`` some lines of it, and ``…/search`` what is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from ..errors import CrdtOutputsError
from ..model.digest import Digest
from ..store import ArtifactStore
from ..streams.log import Log
from ..streams.logs import Logs
from ..streams.search import Progress, Search
from ..streams.view import Lines, StreamView
from .handler import allowed_to, http_errors
from .media_types import media_type_of
from .serving import File, FileHandler, ServingHandler

_THREADS = 8
_MOST_LINES = 5000
_MOST_HITS = 10_000
WAIT_S = 20.0
_REPORT_BYTES = 1 << 25
_TEXT = media_type_of("text/plain")


def handlers(store: ArtifactStore, logs: Logs, base_url: str) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="stream-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/streams/([^/]+)")
    shared = {"store": store, "logs": logs, "threads": threads}
    answers = {"": TextHandler, "/lines": LinesHandler, "/search": SearchHandler}
    return [(route + ending, handler, shared) for ending, handler in answers.items()]


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


class TextHandler(FileHandler, StreamHandler):
    """The text as one file: of a log, what it holds at the time of the question."""

    async def file(self, name: str) -> File:
        """The stream of this id."""
        stream = await self.stream(name)
        etag = f'"{name}"' if stream.log is None else f'"{name}.{stream.revision}"'
        return File(stream.view.read, stream.view.size, etag, _TEXT, name[:12], stream.log is None)


class LinesHandler(StreamHandler):
    """Some lines, by their numbers or from the end; for followers, when there is something new."""

    @allowed_to("read")
    async def get(self, name: str) -> None:
        """Lines as JSON, see docs/developers.md."""
        with http_errors():
            stream = await self.stream(name, self.get_query_argument("after", None))
            found = await self.in_thread(self._find, stream.view)
        await self._tell(stream, found)

    async def _tell(self, stream: Stream, found: Lines) -> None:
        self.set_header("Cache-Control", "no-store")
        live = stream.log is not None and (stream.log.is_live or stream.log.revision != stream.revision)
        await self.finish(
            json.dumps(
                {
                    "first": found.first,
                    "lines": found.lines,
                    "clipped": found.clipped,
                    "total": stream.view.lines_in_all,
                    "size": stream.view.size,
                    "revision": str(stream.revision),
                    "live": live,
                },
                ensure_ascii=False,
            )
        )

    def _find(self, view: StreamView) -> Lines:
        if "tail" in self.request.query_arguments:
            return view.last_lines(min(self.number("tail", 0), _MOST_LINES))
        return view.lines(min(self.number("from", 0), view.lines_in_all), min(self.number("count", 100), _MOST_LINES))


class SearchHandler(StreamHandler):
    """What is found, a line of JSON for every part that was searched. Ends when the client has left."""

    @allowed_to("read")
    async def get(self, name: str) -> None:
        """Hits as they are found, see docs/developers.md."""
        with http_errors():
            search = self._search()
            stream = await self.stream(name)
        await self._run(search, stream)

    def _search(self) -> Search:
        query = self.get_query_argument("q", "", strip=False)
        return Search(query, is_regex=self.flag("regex"), match_case=self.flag("case"))

    async def _run(self, search: Search, stream: Stream) -> None:
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("Cache-Control", "no-store")
        self.send_uncompressed()
        parts = search.run(stream.view)
        count, listed = 0, 0
        try:
            while True:
                found, is_done = await self.in_thread(_next, parts)
                hits = [hit for progress in found for hit in progress.hits]
                count += len(hits)
                part = {
                    "hits": hits[: _MOST_HITS - listed],
                    "count": count,
                    "scanned": found[-1].scanned if found else stream.view.size,
                    "size": stream.view.size,
                    "done": is_done,
                }
                listed = min(_MOST_HITS, listed + len(hits))
                self.write(json.dumps(part) + "\n")
                if is_done:
                    await self.finish(set_content_type="application/x-ndjson")
                    return
                await self.flush()
        except StreamClosedError:
            pass  # the client has left, and the search ends here
        except CrdtOutputsError as error:  # too late for a status
            await self.finish(json.dumps({"error": error.public, "done": True}) + "\n")


def _next(parts: Iterator[Progress]) -> tuple[list[Progress], bool]:
    """What the next stretch of the text holds: up to the first that was found, or so many bytes."""
    taken: list[Progress] = []
    for progress in parts:
        taken.append(progress)
        if progress.hits or progress.scanned - taken[0].scanned >= _REPORT_BYTES:
            return taken, False
    return taken, True
