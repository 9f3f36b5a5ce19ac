"""Plain files, and nothing else that somebody may have put in the place of one: a link, a pipe, a folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_COMPARE_BYTES = 1 << 20
# O_NONBLOCK: opening a pipe that somebody put in the place of an artifact must not wait for its other end.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def look(path: Path) -> os.stat_result | None:
    """The stat of a plain file; None when there is none."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


@contextmanager
def opened(path: Path) -> Iterator[int | None]:
    """Inside, a descriptor of a plain file to read from; None when there is none."""
    descriptor = _open(path)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Lazily, what is in a folder that may not be there."""
    try:
        with os.scandir(folder) as found:
            yield from found
    except FileNotFoundError:  # no folder, no entries
        return


def inside(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Lazily, the plain files of a folder that may not be there."""
    return (entry for entry in entries(folder) if entry.is_file(follow_symlinks=False))


def read(descriptor: int, start: int, stop: int) -> bytes:
    """The bytes from *start* up to *stop*, or the end."""
    parts = []
    while start < stop and (data := os.pread(descriptor, stop - start, start)):
        parts.append(data)
        start += len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def equals(descriptor: int, data: bytes) -> bool:
    """Whether the file holds exactly *data*. Comparing is several times cheaper than hashing."""
    if os.fstat(descriptor).st_size != len(data):
        return False
    at = 0
    while at < len(data):
        found = os.read(descriptor, _COMPARE_BYTES)
        if not found or not data.startswith(found, at):
            return False
        at += len(found)
    return True


def _open(path: Path) -> int | None:
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EISDIR) or path.is_symlink():
            return None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None
