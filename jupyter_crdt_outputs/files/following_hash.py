"""The hash of a file that is being written, computed beside the writing."""

from __future__ import annotations

import hashlib
import os
from queue import SimpleQueue
from threading import Thread
from typing import Any

_CHUNK_BYTES = 1 << 20


class FollowingHash:
    """Reads what was written, while it is in the system's cache, and hashes it in a thread of its own.

    To be left as a context before the result is asked for; what was written until then is hashed.

    Args:
        descriptor: of the file, open for reading too.
        algorithm: as hashlib names it.
    """

    def __init__(self, descriptor: int, algorithm: str) -> None:
        self._descriptor = descriptor
        self._hashed = hashlib.new(algorithm)
        self._ends: SimpleQueue[int | None] = SimpleQueue()
        self._error: OSError | None = None
        self._thread = Thread(target=self._follow, name="hash", daemon=True)

    def __enter__(self) -> FollowingHash:
        self._thread.start()
        return self

    def __exit__(self, *_exc: Any) -> None:
        self._ends.put(None)

    def wrote(self, end: int) -> None:
        """The file is written up to *end*."""
        self._ends.put(end)

    def result(self) -> str:
        """Hexadecimal digits. Raises OSError when the file could not be read."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._hashed.hexdigest()

    def _follow(self) -> None:
        at = 0
        try:
            while (end := self._ends.get()) is not None:
                while at < end:
                    data = os.pread(self._descriptor, min(_CHUNK_BYTES, end - at), at)
                    self._hashed.update(data)
                    at += len(data)
        except OSError as error:
            self._error = error
