"""What of the history is not in the store yet: a file of lines on the local disk, one for each change of a record."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ulid import ULID

from ...errors import InvalidRequest
from ...model.executions import ExecutionRecord
from .. import durable

try:
    import fcntl
except ImportError:  # Windows, where a file that is open elsewhere cannot be renamed
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".jsonl"
_MOST_WAITING = 50_000
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Tail:
    """A file that one process appends to, and that is another's to take over once that one is gone.

    Survives the death of the process, not of the machine: nothing is synced, since that would take longer than many a
    cell. Any thread may append; the others are one thread's.

    Args:
        folder: made when needed; private to the user.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._descriptor = -1
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)

    @property
    def is_open(self) -> bool:
        """Whether there is a file."""
        return self._path is not None

    def append(self, lines: Iterable[bytes]) -> None:
        """Add lines: at once, or as soon as there is a file.

        Waits for no other thread, only for the page cache. Raises OSError; a part of them may be there then.
        """
        self._waiting.extend(lines)
        self._write_waiting()

    def replace(self, records: Callable[[], Iterable[ExecutionRecord]]) -> None:
        """Begin a new file with these, and drop the old one. Raises OSError; the old one stays then.

        Args:
            records: gives all that is to be kept, what was appended last too.
        """
        with self._lock:
            path, descriptor = self._path, self._descriptor
            self._waiting.clear()
            self._begin()
            durable.write_all(self._descriptor, b"".join(map(line_of, records())))
            if path is not None:
                os.close(descriptor)
                path.unlink(missing_ok=True)
        self._write_waiting()

    def close(self, *, drop: bool) -> None:
        """Leave the file to the next process, or drop it when it holds nothing that is wanted."""
        with self._lock:
            if self._path is not None:
                os.close(self._descriptor)
                if drop:
                    self._path.unlink(missing_ok=True)
                self._path = None

    def left_by_others(self) -> Iterator[tuple[Path, list[ExecutionRecord]]]:
        """The files of processes that are gone, with what they knew; the caller's to remove.

        What had not ended is interrupted.
        """
        for path in sorted(self._folder.glob(f"*{SUFFIX}")) if self._folder.is_dir() else ():
            if path == self._path:
                continue
            with suppress(OSError), path.open("r+b") as file:
                if fcntl is not None:
                    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                else:
                    path.rename(path)
                yield path, [_interrupted(record) for record in newest(file)]

    def _write_waiting(self) -> None:
        while self._path is not None and self._waiting and self._lock.acquire(blocking=False):
            try:  # whoever has the lock looks again when it is free
                lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
                if self._path is not None:
                    durable.write_all(self._descriptor, b"".join(lines))
            finally:
                self._lock.release()

    def _begin(self) -> None:
        durable.make_folder(self._folder)
        path = self._folder / f"{str(ULID()).lower()}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, durable.FILE_MODE)
        if fcntl is not None:
            with suppress(
                OSError
            ):  # where files cannot be locked, a second server may take this one's for a dead one's
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._path, self._descriptor = path, descriptor


def line_of(record: ExecutionRecord) -> bytes:
    """A record as one line."""
    return _encode(record.to_line()).encode() + b"\n"


def newest(lines: Iterable[bytes]) -> list[ExecutionRecord]:
    """The last state of each record, in the order of their ids; lines that are none are passed over."""
    found: dict[str, ExecutionRecord] = {}
    for line in lines:
        with suppress(ValueError, InvalidRequest):
            record = ExecutionRecord.parse(json.loads(line))
            found[record.id] = record
    return [found[key] for key in sorted(found)]


def _interrupted(record: ExecutionRecord) -> ExecutionRecord:
    return record if record.is_finished else record._replace(status="interrupted", error="ServerDied")
