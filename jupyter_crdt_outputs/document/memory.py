"""Giving memory back after a large notebook has been read, and not looking for any where there is none."""

from __future__ import annotations

import asyncio
import ctypes
import gc

_LATER_S = 2.0
_WORTHWHILE_BYTES = 1 << 25


class MemoryReturn:
    """Returns freed memory to the system after large notebooks were read.

    glibc keeps what was freed below its newest allocation: for a server that holds many notebooks open, several
    times what the documents need. Elsewhere this does nothing. Since it holds up every thread for as long as it
    takes, it is not done for small notebooks.
    """

    def __init__(self) -> None:
        self._returned_at = 0

    def after_reading(self, bytes_read: int) -> None:
        """So many bytes were read by now; give memory back in a moment, once upstream has let go of the file."""
        trim = getattr(_c_library(), "malloc_trim", None)
        if trim is not None and bytes_read - self._returned_at >= _WORTHWHILE_BYTES:
            self._returned_at = bytes_read
            loop = asyncio.get_running_loop()
            loop.call_later(_LATER_S, loop.run_in_executor, None, trim, 0)


def settle() -> None:
    """Have the garbage collector look no more at what there is now: to be called before the first request is answered.

    A server that has just started consists of many objects that live as long as it does. To go through them all, as
    Python does now and then while a large notebook is read, holds up every thread for a tenth of a second. But what
    refers to itself among them is never freed: of a document that was open by now, all that it holds.
    """
    gc.collect()
    gc.freeze()


def _c_library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
