"""Reading a server's files: what went meanwhile is passed over, and what cannot be read stops everything."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from ...errors import RootUnreadable

_READ_BYTES = 1 << 20


def files_below(folder: Path) -> Iterator[str]:
    """Every file below *folder*, also behind links, each folder once. Raises RootUnreadable."""
    been: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError) or error.filename == str(folder):
            raise unreadable(str(error.filename), error) from error

    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        try:
            found = os.stat(parent)  # noqa: PTH116
        except FileNotFoundError:
            continue
        if (found.st_dev, found.st_ino) in been:
            folders.clear()
            continue
        been.add((found.st_dev, found.st_ino))
        for name in files:
            yield os.path.join(parent, name)  # noqa: PTH118


@contextmanager
def opened(path: str) -> Iterator[BinaryIO | None]:
    """Inside, a plain file to read; None when it went meanwhile, or is no plain file. Raises RootUnreadable."""
    try:
        with _open(path) or nullcontext() as file:
            yield file
    except OSError as error:
        raise unreadable(path, error) from error


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """A file in pieces that fit into memory."""
    while chunk := file.read(_READ_BYTES):
        yield chunk


def unreadable(path: str, error: Exception) -> RootUnreadable:
    """What to raise for a file that cannot be read."""
    return RootUnreadable(
        f"cannot read {path} ({error}), so nobody knows which outputs it refers to, and none that it may need are "
        "removed. Make it readable, or move it out of the folders that are looked through."
    )


def _open(path: str) -> BinaryIO | None:
    try:
        if stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - of a million files
            return open(path, "rb", buffering=0)  # noqa: PTH123
    except FileNotFoundError:
        pass
    return None
