"""One execution, while it goes on and shortly after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...model.executions import ExecutionRecord, Status
from ...model.reference import reference_in
from ..messages import Message, is_idle
from .stamps import now

_REPLY_S = 2.0
"""How long the reply to an execution whose outputs have ended is waited for: it comes on another socket."""

_MOST_ARTIFACTS = 1_000

Outputs = Sequence[Mapping[str, Any]]
"""Outputs of nbformat, which are not to be changed."""


class LiveRecord:
    """One execution that goes on, or has just ended.

    Attributes:
        record: what is kept of it.
        is_ended: whether nothing more is to come.
        prompt: what the kernel asks for, and whether the answer is a secret; None when it asks for nothing.
        prompts: how many times it has asked.
        message: why it did not run or end as it should, for people; not kept.
        pager: MIME bundles that the kernel wanted shown in a pager; not kept.
        is_to_be_shown: whether the cell still shows another execution's outputs, although this one has begun.
        timing: when its parts were, as JupyterLab writes that into the metadata of cells; empty unless wanted.
        reply: the kernel's, once it is there.
        verdict: how it has ended, whatever the kernel says: somebody cancelled it, or its time was up.
        cause: what it is called when the kernel is gone.
        begun: set when the kernel has taken it up.
        when_done: called once, when the kernel has answered and published all there is, or it has ended otherwise.
        ended: set when nothing more is to come.
    """

    def __init__(self, record: ExecutionRecord, changed: Callable[[LiveRecord], None]) -> None:
        self.record = record
        self.prompt: tuple[str, bool] | None = None
        self.prompts = 0
        self.message: str | None = None
        self.pager: list[dict[str, Any]] = []
        self.is_to_be_shown: Callable[[], bool] = _is_shown
        self.timing: dict[str, str] = {}
        self.records_timing = False
        self.reply: dict[str, Any] | None = None
        self.verdict: Status | None = None
        self.cause = "KernelDied"
        self.ended = asyncio.Event()
        self.begun = asyncio.Event()
        self.when_done: Callable[[], None] = _nothing
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
        if self.records_timing and message.type in ("status", "execute_input"):
            state = f"status.{message.content.get('execution_state')}" if message.type == "status" else message.type
            self.timing[f"iopub.{state}"] = message.date or now()
        if self._is_idle and self.reply is not None:
            self._done()

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
            self._done()

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
        self.is_to_be_shown = _is_shown  # thousands that have ended are remembered, but not what their cells held
        self._set(status=status, error=error, ended_at=now(), artifacts=self._artifacts or ())
        self.ended.set()
        self._done()

    def _done(self) -> None:
        when_done, self.when_done = self.when_done, _nothing
        when_done()

    def _set(self, *, quietly: bool = False, **values: Any) -> None:
        self.record = self.record._replace(**values)
        if not quietly:
            self._changed(self)


def _is_shown() -> bool:
    return False


def _nothing() -> None:
    return None
