"""Many small blobs made durable with one fsync, while their own files reach the disk in their own time."""

from __future__ import annotations

import os
import secrets
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...model.digest import Digest
from .. import durable

try:
    import fcntl
except ImportError:  # Windows, where every blob has its fsync
    fcntl = None  # type: ignore[assignment]

_RECORD = struct.Struct("<32sQ")
_LARGEST_BYTES = 1 << 26
_LONGEST_S = 30.0
"""By then most systems have written the blobs' files out by themselves, and their fsyncs cost next to nothing."""


@dataclass(eq=False)
class _File:
    """A commit file that is written to, locked as long as its process lives."""

    path: Path
    descriptor: int
    digests: list[Digest] = field(default_factory=list)
    size: int = 0
    users: int = 0
    is_over: bool = False


class CommitLog:
    """What was committed and may not be durable under its own name yet; the rule of a database's write-ahead log.

    A group of blobs is appended to a commit file and synchronised; then its files are written without. A while later
    they are synchronised, and the commit file goes. When power fails before, whoever opens the store next finds the
    commit file with nobody's lock on it and writes its blobs again.

    Args:
        folder: of the commit files; made at the first commit.
        settle: makes blobs durable that have their files already, given their digests; passes over missing ones.
    """

    def __init__(self, folder: Path, settle: Callable[[list[Digest]], object]) -> None:
        self._folder = folder
        self._settle = settle
        self._lock = threading.Lock()
        self._file: _File | None = None
        self._live: set[_File] = set()

    @contextmanager
    def committed(self, blobs: Mapping[Digest, bytes]) -> Iterator[None]:
        """Make *blobs* durable; inside, give them their names.

        Raises:
            OSError: nothing is committed. EOPNOTSUPP or ENOLCK where files cannot be locked.
        """
        records = b"".join(
            part
            for digest, data in blobs.items()
            for part in (_RECORD.pack(bytes.fromhex(digest.hex), len(data)), data)
        )
        with self._lock:
            file = self._append(records)
            file.digests += blobs
            file.users += 1
        try:
            yield
        finally:
            with self._lock:
                file.users -= 1
            self._retire(file)

    def recover(self, write: Callable[[Mapping[Digest, bytes]], object]) -> None:
        """Write again what a power failure may have taken, once the process that committed it is gone.

        Raises:
            OSError: the commit files stay.
        """
        for path in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            with suppress(FileNotFoundError, BlockingIOError), path.open("r+b") as file:
                _lock(file.fileno())
                write(_blobs_in(file.read()))
                path.unlink()

    def flush(self) -> bool:
        """Let every commit file of this process go now. Whether none is left, also not of another process."""
        for file in list(self._live):
            self._close(file)
        return not (self._folder.is_dir() and any(self._folder.iterdir()))

    def _append(self, records: bytes) -> _File:
        file = self._file = self._file or self._begin()
        try:
            durable.write_all(file.descriptor, records)
            durable.sync(file.descriptor)
        except BaseException:  # what stands before in this file is still true; nothing may come after
            self._file = None
            raise
        file.size += len(records)
        if file.size >= _LARGEST_BYTES:
            self._file = None
        return file

    def _begin(self) -> _File:
        durable.make_folder(self._folder)
        path = self._folder / secrets.token_hex(16)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, durable.FILE_MODE)
        file = _File(path, descriptor)
        try:
            _lock(descriptor)
            durable.sync_folder(self._folder)
        except BaseException:
            self._drop(file)
            raise
        self._live.add(file)
        self._close_later(file)
        return file

    def _close_later(self, file: _File) -> None:
        timer = threading.Timer(_LONGEST_S, self._close, [file])
        timer.daemon = True
        timer.start()

    def _close(self, file: _File) -> None:
        with self._lock:
            if self._file is file:
                self._file = None
            file.is_over = True
        self._retire(file)

    def _retire(self, file: _File) -> None:
        """Let the commit file go once nothing depends on it; if that fails, try again later."""
        with self._lock:
            if not file.is_over or file.users:
                return
            file.users = 1  # nobody else's to retire
        try:
            self._settle(file.digests)
            self._drop(file)
        except Exception:
            file.users = 0
            self._close_later(file)

    def _drop(self, file: _File) -> None:
        file.path.unlink(missing_ok=True)
        self._live.discard(file)
        os.close(file.descriptor)


def is_possible() -> bool:
    """Whether this system locks files so that the lock ends with the process."""
    return fcntl is not None


def _lock(descriptor: int) -> None:
    """Raises BlockingIOError while another process has it."""
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _blobs_in(data: bytes) -> dict[Digest, bytes]:
    """The blobs of a commit file up to the first that is not whole, which was never acknowledged."""
    blobs: dict[Digest, bytes] = {}
    start = 0
    while start + _RECORD.size <= len(data):
        name, size = _RECORD.unpack_from(data, start)
        start += _RECORD.size
        blob = data[start : start + size]
        start += size
        digest = Digest.of(blob)
        if digest.hex != name.hex():
            break
        blobs[digest] = blob
    return blobs
