"""Memory that is used again instead of being given back, for commands through which gigabytes flow."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_LARGEST_KEPT = 1 << 25
_MOST_KEPT = 1 << 26


def keep_freed_memory() -> None:
    """Let buffers of megabytes come from memory that this process has, where the C library is glibc.

    By default each is mapped anew, and zeroed page by page: as long as the writing itself takes.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            libc.gnu_get_libc_version  # noqa: B018  # elsewhere the numbers may mean something else
            libc.mallopt(_M_ARENA_MAX, 1)
            libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
            libc.mallopt(_M_TRIM_THRESHOLD, _MOST_KEPT)
