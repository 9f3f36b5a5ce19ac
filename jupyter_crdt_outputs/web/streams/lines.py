"""Some lines of a stream."""

from __future__ import annotations

import json

from ...streams.view import Lines, StreamView
from ..handler import allowed_to, http_errors
from .named_stream import Stream, StreamHandler

_MOST_LINES = 5000


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
