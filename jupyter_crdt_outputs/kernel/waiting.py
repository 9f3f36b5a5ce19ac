"""Messages that wait to be recorded: in memory up to a limit, beyond it in a file."""

from __future__ import annotations

import logging
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from .messages import Message

_WORTH_MOVING_BYTES = 1 << 10


class _File:
    """Written by the event loop and read by any thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives as long as what waits in it
        self._lock = Lock()
        self._end = 0

    def append(self, data: bytes) -> int:
        """Returns where it begins. Raises OSError; it is then as if nothing had been written."""
        with self._lock:
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()
            start, self._end = self._end, self._end + len(data)
        return start

    def read(self, start: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def close(self) -> None:
        with self._lock, suppress(OSError):
            self._file.close()


@dataclass(frozen=True)
class _Moved:
    """A message's content that lies in a file."""

    file: _File
    start: int
    size: int

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return self.file.read(self.start, self.size)


class Waiting:
    """What the recorders of a server have not come to yet, bounded in memory however fast kernels publish.

    Kernels cannot be made to wait: what is not taken from their sockets in time, they drop. So all is taken at once,
    and contents that find no room in memory lie in a file without a name, which ends with the process. Only when the
    disk is full do they stay in memory beyond the limit.

    Args:
        max_bytes: of contents in memory, of all kernels together.
        folder: on the local disk; made when it is needed.
        log: told once when the limit is reached, until nothing waits any more.

    Attributes:
        bytes_in_memory: of contents.
        bytes_in_file: likewise.
    """

    def __init__(self, max_bytes: int, folder: Path, log: logging.Logger) -> None:
        self.bytes_in_memory = 0
        self.bytes_in_file = 0
        self._max_bytes = max_bytes
        self._folder = folder
        self._log = log
        self._file: _File | None = None

    @property
    def any(self) -> bool:
        """Whether the recorders are behind."""
        return self.bytes_in_memory + self.bytes_in_file > 0

    def add(self, message: Message) -> Message:
        """The message as it is to wait. Takes as long as a write to the page cache."""
        size = len(message.frame)
        if size >= _WORTH_MOVING_BYTES and self.bytes_in_memory + size > self._max_bytes:
            try:
                return self._moved(message)
            except OSError as error:
                self._log.warning("outputs wait in memory beyond CrdtOutputsApp.queue_max_bytes: %s", error)
        self.bytes_in_memory += size
        return message

    def remove(self, message: Message) -> None:
        """The message has been recorded."""
        if not isinstance(message.frame, _Moved):
            self.bytes_in_memory -= len(message.frame)
            return
        self.bytes_in_file -= len(message.frame)
        if self._file is not None and self.bytes_in_file == 0:
            self._file.close()
            self._file = None

    def _moved(self, message: Message) -> Message:
        if self._file is None:
            self._file = _File(self._folder)
            self._log.warning(
                "kernels publish faster than their outputs can be stored: %d bytes wait in memory, and what comes now "
                "waits on the disk",
                self.bytes_in_memory,
            )
        content = bytes(message.frame)
        moved = _Moved(self._file, self._file.append(content), len(content))
        self.bytes_in_file += len(content)
        return replace(message, frame=moved)
