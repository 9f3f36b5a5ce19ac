"""The executions of a server."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from ...model.executions import ExecutionRecord
from .live import LiveRecord, Outputs
from .waits import Waits

_BEGUN_S = 0.02
"""Most cells have ended after so long, and that is written then; that they were asked for, at once."""

_REMEMBERED = 10_000
_REMEMBERED_PAGES = 200


class Ledger:
    """The executions of this server: all that go on, and the last ones that ended.

    Args:
        write: called with a record when it is new, soon after it has begun and, then with its outputs, when it has
            ended; must not wait.
        ended: called with a record when it has ended.
        keeps_sources: whether records hold the sources that were run.
        prompted: called with a record when it asks for input, and when it has it and goes on.
    """

    def __init__(
        self,
        write: Callable[[ExecutionRecord, Outputs], None],
        ended: Callable[[ExecutionRecord], None],
        *,
        keeps_sources: bool,
        prompted: Callable[[ExecutionRecord], None] = lambda record: None,
    ) -> None:
        self._write = write
        self._tell = ended
        self._prompted = prompted
        self._keeps_sources = keeps_sources
        self._live: OrderedDict[str, LiveRecord] = OrderedDict()
        self._ended: OrderedDict[str, LiveRecord] = OrderedDict()
        self._with_pages: deque[LiveRecord] = deque()
        self._waits = Waits()

    def add(self, record: ExecutionRecord) -> LiveRecord:
        """An execution was asked for, of which this is known by now."""
        live = self._live[record.id] = LiveRecord(record, self._changed)
        self._write(record, ())
        return live

    def source(self, source: str) -> str | None:
        """As records keep it."""
        return source if self._keeps_sources else None

    def get(self, execution_id: str) -> LiveRecord | None:
        """The execution of this id, if it goes on or ended not long ago."""
        return self._live.get(execution_id) or self._ended.get(execution_id)

    @property
    def live(self) -> list[LiveRecord]:
        """Those that go on, oldest first."""
        return list(self._live.values())

    def is_busy(self, file_id: str, cell_id: str) -> bool:
        """Whether a cell of a notebook runs, or waits to be run."""
        return any(live.record.cell == cell_id and live.record.file_id == file_id for live in self._live.values())

    @property
    def recent(self) -> list[LiveRecord]:
        """Those and the last ones that ended, oldest first."""
        return [*self._ended.values(), *self._live.values()]

    async def wait(self, lives: Iterable[LiveRecord], wait_s: float, then: Callable[[], object] = lambda: None) -> None:
        """Wait until all of these have ended, or one of them asks for input, or for so long; then do *then*, once.

        It is done at once, before anything else that the end of an execution is the reason for.
        """
        await self._waits.ended(lives, wait_s, then)

    async def changed(self) -> None:
        """Wait until one of them changes."""
        await self._waits.changed()

    async def stopping(self) -> None:
        """The server is about to stop: that is why its kernels go."""
        for live in self.live:
            live.cause = "ServerStopped"

    async def stop(self) -> None:
        """The server stops, and nothing goes on."""
        for live in self.live:
            live.close("interrupted", "ServerStopped", "the server was stopped")

    def _forget_pages(self, live: LiveRecord) -> None:
        """Of few executions only, keep what may be large."""
        self._with_pages.append(live)
        if len(self._with_pages) > _REMEMBERED_PAGES:
            old = self._with_pages.popleft()
            old.pager, old.reply = [], None

    def _changed(self, live: LiveRecord) -> None:
        self._keep(live)
        self._waits.note(live)

    def _keep(self, live: LiveRecord) -> None:
        record = live.record
        if record.is_finished:
            if self._live.pop(record.id, None) is None:
                return
            self._ended[record.id] = live
            self._forget_pages(live)
            while len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)
            asyncio.get_running_loop().call_soon(self._tell, record)  # whoever waits for the end comes first
            live.forget_timers()
            self._write(record, live.take_outputs())
        elif record.status == "waiting-for-input" or live.begun.is_set():
            asyncio.get_running_loop().call_soon(self._prompted, record)
        else:
            live.later(_BEGUN_S, lambda: self._write(live.record, ()))
