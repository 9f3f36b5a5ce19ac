"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import CrdtOutputsError
from ..files.replacing import CannotReplace, replacing
from ..store import durable
from .notebook_reading import ChangedMeanwhile

_SYNCED_BYTES = 1 << 25
_WAITING = 2


class CannotWrite(CrdtOutputsError):
    """The file cannot be replaced in one step. It is as it was."""


class _Writer:
    """Writes in a thread, while the next is made, and has the system begin to write to the disk meanwhile."""

    def __init__(self, descriptor: int, writing: ThreadPoolExecutor, syncing: ThreadPoolExecutor) -> None:
        self._descriptor = descriptor
        self._writing, self._syncing = writing, syncing
        self._waiting: deque[Future[None]] = deque()
        self._unsynced = 0
        self._synced: Future[None] | None = None

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: bytes) -> int:
        self._waiting.append(self._writing.submit(durable.write_all, self._descriptor, data))
        if len(self._waiting) > _WAITING:
            self._waiting.popleft().result()
        self._unsynced += len(data)
        if self._unsynced >= _SYNCED_BYTES and (self._synced is None or self._synced.done()):
            self._unsynced = 0
            self._synced = self._syncing.submit(os.fsync, self._descriptor)
        return len(data)

    def flush(self) -> None:
        while self._waiting:
            self._waiting.popleft().result()


@contextmanager
def whole_file(path: Path, unchanged_from: tuple[int, ...] | None = None) -> Iterator[BinaryIO]:
    """A file to write from its beginning to its end, which comes to *path*, durably, when the body ends without error.

    Args:
        path: of the file. One that is there is replaced, and keeps its mode and attributes.
        unchanged_from: the identity of the file that is to be replaced, as it was read.

    Raises:
        ChangedMeanwhile: the file at *path* is another than *unchanged_from*; it stays.
        CannotWrite: the file has several names, belongs to another user, or is mounted; it stays.
        OSError: the disk is full, or the folder takes no file; what was there stays.
    """
    try:
        with (
            replacing(path) as replacement,
            ThreadPoolExecutor(1, thread_name_prefix="write") as writing,
            ThreadPoolExecutor(1, thread_name_prefix="sync") as syncing,
        ):
            writer = _Writer(replacement.descriptor, writing, syncing)
            yield cast(BinaryIO, writer)
            writer.flush()
            durable.sync(replacement.descriptor)
            if unchanged_from is not None and durable.identity_of(path.stat()) != unchanged_from:
                raise ChangedMeanwhile(f"{path} was changed by somebody else meanwhile")
            replacement.commit()
    except CannotReplace as error:
        raise CannotWrite(
            f"{path} cannot be replaced in one step: it has several names, belongs to another user or is mounted there"
        ) from error
