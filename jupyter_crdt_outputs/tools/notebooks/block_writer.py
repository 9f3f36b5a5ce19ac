"""Writing a file of gigabytes at the speed of its disk: in large blocks, several at once, past the system's cache."""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from ...store import durable

_BLOCK_BYTES = 1 << 23
"""A multiple of every disk's block; so many at once, and one more is filled meanwhile."""
_AT_ONCE = 2

_GROWN_BYTES = 1 << 26
"""The file is made longer ahead of what is written: inside a file, blocks are written at once, at its end in turn."""


class BlockWriter:
    """Writes a file from its beginning to its end; what was written lasts only after a sync of the descriptor.

    Where the system can (Linux, on most file systems), whole blocks go to the disk straight from this process: copying
    them into the system's cache first takes more of a processor than all else that is done for them. Elsewhere, and
    for what fills no block, it writes as everybody does, and has the system begin to write to the disk meanwhile.

    Memory: three blocks of 8 MB. For one thread.

    Args:
        descriptor: of an empty file, open for writing. Others may write to it, if nobody writes here.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_direct: bool | None = None
        self._block: mmap.mmap | None = None
        self._filled = 0
        self._size = 0
        self._length = 0
        self._writing: deque[tuple[Future[None], mmap.mmap]] = deque()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="write")
        self._unsynced = 0
        self._synced: Future[None] | None = None
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix="sync")

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def write(self, data: bytes) -> int:
        """Take *data*; it is written some time before :meth:`finish` ends. Raises OSError for this or earlier data."""
        rest = memoryview(data)
        while rest:
            if self._block is None:
                self._block = self._free_block()
            taken = min(len(rest), _BLOCK_BYTES - self._filled)
            self._block[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
            if self._filled == _BLOCK_BYTES:
                self._write_block()
        return len(data)

    def finish(self) -> None:
        """Have the file hold all that was given, and nothing else. Raises OSError."""
        while self._writing:
            self._writing.popleft()[0].result()
        if self._is_direct:
            self._leave_direct()
        if self._block is not None:
            with memoryview(self._block) as block:
                _write_at(self._descriptor, block[: self._filled], self._size)
            self._size += self._filled
            self._block = None
        if self._length > self._size:
            os.ftruncate(self._descriptor, self._size)

    def close(self) -> None:
        """Let go of the threads; nothing is written after this."""
        self._pool.shutdown(cancel_futures=True)
        self._syncing.shutdown(cancel_futures=True)

    def _free_block(self) -> mmap.mmap:
        if len(self._writing) <= _AT_ONCE:
            return mmap.mmap(-1, _BLOCK_BYTES)  # which begins where a page begins, as direct writing wants it
        written, block = self._writing.popleft()
        written.result()
        return block

    def _write_block(self) -> None:
        assert self._block is not None
        if self._is_direct is None:
            self._is_direct = _set_direct(self._descriptor, wanted=True)
        if self._size + _BLOCK_BYTES > self._length:
            with suppress(OSError):  # a limit that the file itself may not reach
                os.ftruncate(self._descriptor, self._length + _GROWN_BYTES)
                self._length += _GROWN_BYTES
        self._writing.append((self._pool.submit(self._written, self._block, self._size), self._block))
        self._size += _BLOCK_BYTES
        self._block, self._filled = None, 0
        if not self._is_direct:
            self._sync_meanwhile()

    def _written(self, block: mmap.mmap, start: int) -> None:
        with memoryview(block) as view:
            try:
                _write_at(self._descriptor, view, start)
            except OSError as error:
                if error.errno != errno.EINVAL or not self._is_direct:
                    raise
                self._leave_direct()  # some file systems take the flag, and then no write
                _write_at(self._descriptor, view, start)

    def _leave_direct(self) -> None:
        self._is_direct = False
        _set_direct(self._descriptor, wanted=False)

    def _sync_meanwhile(self) -> None:
        self._unsynced += _BLOCK_BYTES
        if self._unsynced >= _GROWN_BYTES and (self._synced is None or self._synced.done()):
            self._unsynced = 0
            self._synced = self._syncing.submit(durable.sync, self._descriptor)


def _write_at(descriptor: int, data: memoryview, start: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, start)
        data, start = data[written:], start + written


def _set_direct(descriptor: int, *, wanted: bool) -> bool:
    """Let what is written to *descriptor* pass by the system's cache, or not; returns whether it does now."""
    if sys.platform != "linux":
        return False
    import fcntl

    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_DIRECT if wanted else flags & ~os.O_DIRECT)
    except OSError:  # this file system has nothing of the kind
        return False
    return wanted
