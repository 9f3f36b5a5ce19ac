"""What is found in a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tornado.iostream import StreamClosedError

from ...errors import CrdtOutputsError
from ...streams.search import Progress, Search
from ..handler import allowed_to, http_errors
from .named_stream import Stream, StreamHandler

_MOST_HITS = 10_000
_REPORT_BYTES = 1 << 25


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
