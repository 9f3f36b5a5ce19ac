"""A stream that is still being written."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..model import preview
from ..model.digest import Digest
from ..model.offload import log_output, stream_output
from ..model.segments import Segment
from ..store import ArtifactStore
from .log_files import LogFiles
from .log_text import LogText
from .view import StreamView


class Log:
    """The text of a long stream: its older part as segments in the store, its end in memory and in a local file.

    Whatever a reader was shown is in the files before, so a killed server has lost nothing that anybody saw. One
    thread at a time writes; any may read.

    Args:
        log_id: 32 hexadecimal digits.
        name: ``stdout`` or ``stderr``.
        store: where the segments go.
        folder: for its files.
        begun: the segments that are in the store already.
        rest: the text after them.

    Attributes:
        revision: changes whenever the text does.
        is_live: whether there may come more.
    """

    def __init__(
        self,
        log_id: str,
        name: str,
        store: ArtifactStore,
        folder: Path,
        begun: Sequence[Segment] = (),
        rest: bytes = b"",
    ) -> None:
        self.log_id = log_id
        self.name = name
        self.revision = 0
        self.is_live = False
        self._store = store
        self._folder = folder
        self._files: LogFiles | None = None
        self._lock = threading.Lock()
        self._text = LogText(store, begun, rest)
        self._indexed = len(begun)  # of the segments, that the files have
        self._finished: dict[str, Any] | None = None
        self._changed = asyncio.Event()

    def begin(self) -> None:
        """Make the log's files. Blocks on the local disk. Raises OSError."""
        self._files = LogFiles(self._folder, self.name)
        self._files.begin(0, b"", b"")
        self.is_live = True

    def append(self, final: str, line: str) -> None:
        """Add text that stays, and say what follows it for now. Takes as long as a write to the page cache.

        Raises:
            OSError: the text is kept in memory, but a crash would lose it.
        """
        data, now = final.encode("utf-8"), line.encode("utf-8")
        with self._lock:
            if not self._text.add(data, now):
                return
            self.revision += 1
            if self._files is not None:
                try:
                    self._files.append(data, now)
                except OSError:
                    self._close_files()  # what is there is the beginning of the text, and stays that
                    raise

    def must_seal(self) -> bool:
        """Whether there is a whole segment that can go to the store."""
        return self._text.has_whole_segment()

    def seal(self) -> None:
        """Move whole segments to the store. Blocks; nothing has changed when it raises.

        Raises:
            StoreFull, StoreUnavailable: the text stays where it is.
        """
        stored = self._text.put(whole=False)
        if not stored:
            return
        with self._lock:
            text = self._text
            text.seal(stored)
            if self._files is not None:
                with suppress(OSError):  # what is in the files is still true, if longer than needed
                    self._files.sealed(text.segments[self._indexed :], text.sealed_size, bytes(text.rest), text.line)
                    self._indexed = len(text.segments)

    def close(self) -> None:
        """Nothing more will be written. To be called on the event loop."""
        self.is_live = False
        self.revision += 1
        with self._lock:
            self._close_files()
        self.notify()

    def finish(self) -> dict[str, Any]:
        """Put all of a closed log into the store, and return the output that stands for it. Blocks; idempotent.

        Raises:
            StoreFull, StoreUnavailable: the log stays as it is; try again.
        """
        if self._finished is None:
            stored = self._text.put(whole=True)
            with self._lock:
                self._text.seal(stored)
            text = self.view()
            ends = text.read(0, preview.END_BYTES), text.read(text.size - preview.END_BYTES, text.size)
            index: dict[Digest, bytes] = {}
            output = stream_output(self.name, self._text.segments, *ends, index)
            self._store.put_many(list(index.values()))
            self._finished = output
        return self._finished

    def reference(self) -> dict[str, Any]:
        """The output that stands for the log while it is written."""
        with self._lock:
            head = self._text.beginning_of_rest(preview.END_BYTES)
        return log_output(self.name, self.log_id, head)

    def reopen(self, line: str) -> None:
        """Go on with a finished log, whose last, unfinished line was *line*. Blocks on the store and the local disk.

        Raises:
            ArtifactMissing, ArtifactCorrupt, StoreUnavailable, OSError: nothing has changed.
        """
        now = line.encode("utf-8")
        kept, end = self._text.end(len(now))
        rest, sealed = end.removesuffix(now), self._text.segments[:kept]
        files = LogFiles(self._folder, self.name)
        files.sealed(sealed[self._indexed :], sum(segment.size for segment in sealed), rest, now)
        with self._lock:
            self._text.unseal(kept, rest, now)
            self._indexed = kept
            self._files, self._finished, self.is_live = files, None, True
            self.revision += 1

    def view(self) -> StreamView:
        """The text as it is now. Building one blocks on the store."""
        with self._lock:
            sealed, rest = self._text.snapshot()
        return StreamView(sealed, rest, self._store.get)

    def notify(self) -> None:
        """Tell those who wait that the text has changed. To be called on the event loop."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, since: int, timeout_s: float) -> None:
        """Wait until the revision is another than *since*, the log is closed, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.revision == since and self.is_live:
                    await self._changed.wait()

    def _close_files(self) -> None:
        if self._files is not None:
            self._files.close()
            self._files = None
