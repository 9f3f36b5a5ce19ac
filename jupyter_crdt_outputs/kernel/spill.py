"""Where the text of one execution's long streams goes while the kernel prints on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..document.stream import StreamText
from ..store.archive import Archive
from ..streams.log import Log
from ..streams.logs import Logs

_SHORT = 8
"""A stream stays in the document up to so many times the largest output there: that is quicker to see for everyone, and
most streams end before. What is left of it when its cell ends is held to the limit itself."""

_AGAIN_S = 5.0


class Spill:
    """Moves streams out of the document when they get long, and out of memory when they get longer.

    No fault of disk or store loses text or holds up the kernel: it stays where it was, and another try is made in a
    few seconds.

    Args:
        logs: of the server.
        archive: for what is to be in the store in the end.
        failed: called with the error when a stream had to stay where it was.
    """

    def __init__(self, logs: Logs, archive: Archive, failed: Callable[[Exception], None]) -> None:
        self._logs = logs
        self._archive = archive
        self._failed = failed
        self._begun: list[Log] = []
        self._limit = _SHORT * archive.policy.document_max_bytes
        self._not_before = 0.0
        self._revisions = 0

    def is_due(self, stream: StreamText) -> bool:
        """Whether there is something to do for a stream that cannot be done at once."""
        if stream.log is None:
            is_long = stream.length > self._limit
        else:
            is_long = stream.is_late if stream.is_settled else stream.log.must_seal()
        return is_long and asyncio.get_running_loop().time() >= self._not_before

    def flush(self, streams: Sequence[StreamText]) -> None:
        """Put what came into the logs, and tell their readers."""
        for stream in streams:
            if stream.log is not None:
                try:
                    stream.flush()
                except OSError as error:  # it is still in memory
                    self._failed(error)
                stream.log.notify()

    async def relieve(self, streams: Sequence[StreamText]) -> None:
        """Begin logs for streams that have become long, and move whole segments to the store."""
        try:
            for stream in filter(self.is_due, streams):
                if stream.log is None:
                    log = await asyncio.to_thread(self._logs.begin, stream.name, *stream.text_and_line())
                    self._begun.append(log)
                    stream.spill(log)
                elif stream.is_settled:
                    await asyncio.to_thread(stream.log.reopen, stream.settled_line)
                    stream.resume()
                else:
                    await asyncio.to_thread(stream.log.seal)
        except Exception as error:
            self._not_before = asyncio.get_running_loop().time() + _AGAIN_S
            self._failed(error)

    def close(self) -> None:
        """Nothing more will be written."""
        for log in self._begun:
            log.close()

    def is_quiet(self) -> bool:
        """Whether nothing came into the logs since this was asked before."""
        before, self._revisions = self._revisions, sum(log.revision for log in self._begun)
        return before == self._revisions

    def must_settle(self, streams: Sequence[StreamText]) -> bool:
        """Whether :meth:`settle` would do anything."""
        is_bulk = self._archive.policy.is_bulk
        return bool(self._begun) or any(stream.log is not None or is_bulk(stream.live) for stream in streams)

    async def settle(self, streams: Sequence[StreamText]) -> None:
        """The execution has ended: let references stand for all that is long."""
        self.flush(streams)
        self.close()
        for stream in streams:
            try:
                if stream.log is not None:
                    stream.settle(await asyncio.to_thread(stream.log.finish))
                elif self._archive.policy.is_bulk(text := stream.live):
                    output = {"output_type": "stream", "name": stream.name, "text": text}
                    stream.settle(await asyncio.to_thread(self._archive.offload_output, output))
            except Exception as error:  # a sweep will try again
                self._failed(error)
