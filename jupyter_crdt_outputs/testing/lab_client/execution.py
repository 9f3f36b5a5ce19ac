"""What a tab hears of one execution."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KernelMessage:
    """A message from the kernel, and ``time.monotonic()`` of its arrival."""

    channel: str
    header: dict[str, Any]
    parent_header: dict[str, Any]
    metadata: dict[str, Any]
    content: dict[str, Any]
    received_at: float

    @property
    def type(self) -> str:
        """The message type."""
        return str(self.header["msg_type"])


class ExecutionCanceled(Exception):
    """The kernel restarted or died, or the tab ran the cell again, before the reply came."""


@dataclass
class Execution:
    """An ``execute_request`` and what came of it. The handlers may be set until the event loop runs again.

    Attributes:
        reply: the ``execute_reply``, as soon as it is there.
        done: the same reply, once the kernel has said idle for it too; fails with ExecutionCanceled.
        output_messages: how many output messages reached this client for it.
    """

    msg_id: str
    sent_at: float
    reply: asyncio.Future[KernelMessage]
    done: asyncio.Future[KernelMessage]
    on_iopub: Callable[[KernelMessage], None] = lambda _message: None
    on_reply: Callable[[KernelMessage], None] = lambda _message: None
    on_stdin: Callable[[KernelMessage], None] = lambda _message: None
    output_messages: int = 0
    idle: bool = False

    def finish(self) -> None:
        """Settle :attr:`done` when both the reply and idle are there."""
        if self.idle and self.reply.done() and not self.done.done():
            self.done.set_result(self.reply.result())

    def cancel(self) -> None:
        """Give up on it, as JupyterLab does when the kernel restarts."""
        for future in (self.reply, self.done):
            if not future.done():
                future.set_exception(ExecutionCanceled(self.msg_id))
                future.exception()  # Asked for once, so that nobody waiting for it is no warning.
