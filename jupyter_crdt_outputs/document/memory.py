"""Giving memory back after a large notebook has been read."""

from __future__ import annotations

import asyncio
import ctypes

_LATER_S = 2.0


def give_back_later() -> None:
    """Return freed memory to the system in a moment, once upstream has let go of the file's content.

    glibc keeps what was freed below its newest allocation: for a server that holds many notebooks open, several
    times what the documents need. Elsewhere this does nothing.
    """
    trim = getattr(_c_library(), "malloc_trim", None)
    if trim is not None:
        loop = asyncio.get_running_loop()
        loop.call_later(_LATER_S, loop.run_in_executor, None, trim, 0)


def _c_library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
