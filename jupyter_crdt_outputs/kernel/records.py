"""The records of executions: what became of each, whoever asked for it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ulid import ULID

from ..model.executions import ExecutionRecord, Status
from ..model.reference import reference_in
from .messages import Message, is_idle

_REPLY_S = 2.0
"""How long the reply to an execution whose outputs have ended is waited for: it comes on another socket."""

_BEGUN_S = 0.02
"""Most cells have ended after so long, and that is written then; that they were asked for, at once."""

_REMEMBERED = 10_000
_REMEMBERED_PAGES = 200
_MOST_ARTIFACTS = 1_000

Outputs = Sequence[Mapping[str, Any]]
"""Outputs of nbformat, which are not to be changed."""


def now() -> str:
    """The time, UTC, in ISO 8601 with microseconds."""
    seconds, microseconds = divmod(time.time_ns() // 1_000, 1_000_000)
    return f"{_until_seconds(seconds)}.{microseconds:06}Z"


@lru_cache(maxsize=1)
def _until_seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def new_id() -> str:
    """A ULID, later than any that this process made before."""
    return str(ULID())


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """What a kernelspec says, as JupyterLab writes it into notebooks."""

    name: str
    display_name: str
    language: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of an execution when it is asked for.

    Attributes: as those of :class:`ExecutionRecord`.
    """

    path: str
    file_id: str
    kernel: str
    kernel_name: str
    language: str
    user: str
    via: Literal["endpoint", "browser"]
    run: str | None = None
    parent: str | None = None


class LiveRecord:
    """One execution that goes on, or has just ended.

    Attributes:
        record: what is kept of it.
        is_ended: whether nothing more is to come.
        prompt: what the kernel asks for, and whether the answer is a secret; None when it asks for nothing.
        prompts: how many times it has asked.
        message: why it did not run or end as it should, for people; not kept.
        pager: MIME bundles that the kernel wanted shown in a pager; not kept.
        timing: when its parts were, as JupyterLab writes that into the metadata of cells; empty unless wanted.
        reply: the kernel's, once it is there.
        verdict: how it has ended, whatever the kernel says: somebody cancelled it, or its time was up.
        cause: what it is called when the kernel is gone.
        begun: set when the kernel has taken it up.
        done: set when the kernel has answered and published all there is, or it has ended otherwise.
        ended: set when nothing more is to come.
    """

    def __init__(self, record: ExecutionRecord, changed: Callable[[LiveRecord], None]) -> None:
        self.record = record
        self.prompt: tuple[str, bool] | None = None
        self.prompts = 0
        self.message: str | None = None
        self.pager: list[dict[str, Any]] = []
        self.timing: dict[str, str] = {}
        self.records_timing = False
        self.reply: dict[str, Any] | None = None
        self.verdict: Status | None = None
        self.cause = "KernelDied"
        self.ended = asyncio.Event()
        self.begun = asyncio.Event()
        self.done = asyncio.Event()
        self._is_idle = False
        self._changed = changed
        self._error: str | None = None
        self._artifacts: tuple[str, ...] | None = None
        self._outputs: Outputs = ()
        self._timers: list[asyncio.TimerHandle] = []

    @property
    def is_ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.record.is_finished

    def heard(self, message: Message) -> None:
        """The kernel published this for it."""
        if message.type == "execute_input":
            self._begin(message.content.get("execution_count"))
        elif message.type == "error" and not message.is_large:
            self._error = str(message.content.get("ename", ""))
        elif message.type == "status" and is_idle(message):
            self._is_idle = True
            if self.reply is not None:
                self.done.set()
        if self.records_timing and message.type in ("status", "execute_input"):
            state = f"status.{message.content.get('execution_state')}" if message.type == "status" else message.type
            self.timing[f"iopub.{state}"] = message.date or now()

    def replied(self, message: Message) -> None:
        """The kernel answered the request."""
        if message.type != "execute_reply" or self.reply is not None:
            return
        self.reply = {"status": "ok"} if message.is_large else message.content
        if self.records_timing:
            if started := message.metadata.get("started"):
                self.timing["shell.execute_reply.started"] = str(started)
            self.timing["shell.execute_reply"] = message.date or now()
        if self._artifacts is not None:
            self._finish()
        elif self._is_idle:
            self.done.set()

    def outputs_ended(self, outputs: Outputs, *, kernel_is_gone: bool) -> None:
        """All outputs are written down."""
        if self.is_ended or self._artifacts is not None:
            return
        references = (reference for each in outputs if (reference := reference_in(each)) is not None)
        digests = dict.fromkeys(digest.hex for reference in references for digest in reference.digests)
        self._artifacts, self._outputs = tuple(digests)[:_MOST_ARTIFACTS], outputs
        if kernel_is_gone:
            self.verdict = self.verdict or "interrupted"
            self._error = self._error or self.cause
        if self.reply is not None or kernel_is_gone:
            self._finish()
        else:
            self.later(_REPLY_S, self._finish)

    def take_outputs(self) -> Outputs:
        """Its outputs in the document's form, once it has ended; they are not kept here any longer."""
        outputs, self._outputs = self._outputs, ()
        return outputs

    def asks(self, prompt: str, *, is_secret: bool) -> None:
        """The kernel waits for an answer."""
        self.prompt = (prompt, is_secret)
        self.prompts += 1
        self._set(status="waiting-for-input")

    def answered(self) -> None:
        """It has one."""
        self.prompt = None
        if not self.is_ended:
            self._set(status="running")

    def sent(self, source_sha256: str, source: str | None, cell_sha256: str | None = None) -> None:
        """The request is on its way to the kernel."""
        self._set(quietly=True, source_sha256=source_sha256, source=source, cell_sha256=cell_sha256)

    def close(self, status: Status, error: str | None = None, message: str | None = None) -> None:
        """It ended without the kernel."""
        if not self.is_ended:
            self.message = message
            self._end(status, error)

    def later(self, delay_s: float, do: Callable[[], None]) -> None:
        """Do this in a while, unless it has ended by then."""
        self._timers.append(asyncio.get_running_loop().call_later(delay_s, do))

    def forget_timers(self) -> None:
        """Do nothing later."""
        for timer in self._timers:
            timer.cancel()

    def _begin(self, count: object) -> None:
        if self.record.started_at is None:
            known = count if isinstance(count, int) else None
            self._set(status="running", started_at=now(), execution_count=known)
            self.begun.set()

    def _finish(self) -> None:
        if self.is_ended:
            return
        reply = self.reply or {}
        status = str(reply.get("status", ""))
        if status not in ("ok", "error", "aborted"):
            status = "error" if self._error else "ok" if self.record.started_at else "aborted"
        name = str(reply.get("ename") or self._error or "Error")[:200] if status == "error" else None
        if self.verdict is not None:
            name = name or self._error
        final: Status = self.verdict or ("ok" if status == "ok" else "error" if status == "error" else "aborted")
        self._end(final, name)

    def _end(self, status: Status, error: str | None) -> None:
        self.prompt = None
        self._set(status=status, error=error, ended_at=now(), artifacts=self._artifacts or ())
        self.ended.set()
        self.done.set()

    def _set(self, *, quietly: bool = False, **values: Any) -> None:
        self.record = self.record.changed(**values)
        if not quietly:
            self._changed(self)


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
        self._waiters: set[asyncio.Future[None]] = set()
        self._asking: set[str] = set()

    def add(self, origin: Origin, cell: str) -> LiveRecord:
        """An execution was asked for."""
        record = ExecutionRecord(
            new_id(),
            origin.run,
            origin.parent,
            cell,
            origin.path,
            origin.file_id,
            origin.kernel,
            origin.kernel_name,
            origin.language,
            origin.user,
            origin.via,
            now(),
        )
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

    async def wait(self, lives: Iterable[LiveRecord], wait_s: float) -> None:
        """Wait until all of these have ended, or one of them asks for input, or for so long."""
        waited_for = deque(lives)
        asking = {live.record.id for live in waited_for}
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while waited_for and self._asking.isdisjoint(asking):
                    if waited_for[0].is_ended:
                        waited_for.popleft()
                    else:
                        await self.changed()

    async def changed(self) -> None:
        """Wait until one of them changes."""
        step: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(step)
        try:
            await step
        finally:
            self._waiters.discard(step)

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
        record = live.record
        if live.prompt is not None:
            self._asking.add(record.id)
        else:
            self._asking.discard(record.id)
        for step in self._waiters:
            if not step.done():
                step.set_result(None)
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
