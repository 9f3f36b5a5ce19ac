"""Hearing a kernel before jupyter_server reads its own copy of what the kernel publishes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_LATER_S = 0.002


def hear_before_server(manager: Any, hear: Callable[[], None]) -> None:
    """Have *hear* called whenever a kernel has published something, and jupyter_server get its copy just after.

    jupyter_server parses every message of every kernel, with its dates, and a status twice, to know whether the kernel
    is busy. That takes as long as all that we do for a short cell, and who waits for the cell would wait for it, too.
    Each copy is handed on two milliseconds later, in order. Where jupyter_server no longer does so in this way, nothing
    is changed; and nothing is done a second time.
    """
    stream = getattr(manager, "_activity_stream", None)
    read = getattr(stream, "_recv_callback", None)
    if stream is None or read is None or stream.closed():
        return
    if isinstance(read, _Later):
        read.hear = hear
    else:
        stream.on_recv(_Later(stream, read, hear))


class _Later:
    """What a stream calls with each message, in the place of what reads it."""

    def __init__(self, stream: Any, read: Callable[[list[bytes]], None], hear: Callable[[], None]) -> None:
        self.hear = hear
        self._stream = stream
        self._read = read
        self._waiting: list[list[bytes]] = []

    def __call__(self, frames: list[bytes]) -> None:
        self._waiting.append(frames)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(_LATER_S, self._read_all)
        self.hear()

    def _read_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        for frames in waiting:
            if not self._stream.closed():  # else jupyter_server wants to know no more
                self._read(frames)
