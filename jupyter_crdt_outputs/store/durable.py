"""Local files and folders that are still there after a power failure."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FILE_MODE = 0o600  # outputs are as private as the notebooks that they come from
FOLDER_MODE = 0o700


def write_file(path: Path, data: bytes, *, synced: bool = True) -> os.stat_result:
    """Create *path* with *data*. When it raises, *path* is the caller's to remove.

    Args:
        path: of the file.
        data: all of it.
        synced: whether it is on the disk when this returns.

    Raises:
        OSError: also when *path* exists, be it as a symbolic link to nowhere.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, FILE_MODE)
    try:
        write_all(descriptor, data)
        if synced:
            sync(descriptor)
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of *data*, of which the system may take a part at a time. Raises OSError; a part may be there then."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync(descriptor: int) -> None:
    """Wait until what was written to *descriptor* is on the disk."""
    if sys.platform == "darwin":  # there, fsync leaves the bytes in the drive's own cache
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
        except OSError:
            pass  # not on this file system: fsync is the best there is
    os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the names in the folder *path* are on the disk."""
    if sys.platform == "win32":
        return  # folders cannot be opened there; NTFS journals the names itself
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Create *path*, and what is missing above it, so that they last. An existing folder is left as it is."""
    if path.is_dir():
        return
    if path.parent != path:
        make_folder(path.parent)
    path.mkdir(FOLDER_MODE, exist_ok=True)  # another process may have been faster
    sync_folder(path.parent)


def identity_of(found: os.stat_result) -> tuple[int, ...]:
    """By which a file is known again: another one, or other bytes in it, differ in something of it."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
