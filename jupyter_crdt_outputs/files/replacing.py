"""Writing a file that is to replace another: readers, and a crash, see the old one or the new one."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..store import durable

_STALE_S = 24 * 3600


class CannotReplace(Exception):
    """To rename over this file would change more than its content. Nothing was done."""


class Replacement:
    """A file beside the one at *path*, and the rename that puts it there.

    Args:
        path: with all links resolved.

    Attributes:
        descriptor: open for writing and reading.
        old: a descriptor of the file that is to be replaced; None when there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.old: int | None = None
        with suppress(FileNotFoundError):
            self.old = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._aside = path.with_name(f".~{path.name}.{secrets.token_hex(8)}")
        self.descriptor = -1

    def open(self) -> None:
        """Make the file, as private and as shared as the old one.

        Raises:
            CannotReplace: see there.
            OSError: the folder takes no new file.
        """
        _sweep(self._path)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            self.descriptor = os.open(self._aside, flags, 0o666)
        except PermissionError as error:  # the folder is not ours, the file may be
            raise CannotReplace from error
        if self.old is not None:
            self._resemble(os.fstat(self.old))

    def commit(self) -> os.stat_result:
        """Put the file in its place, to last.

        Raises:
            CannotReplace: something is mounted there.
        """
        durable.sync(self.descriptor)
        try:
            self._aside.replace(self._path)
        except OSError as error:
            raise CannotReplace from error
        durable.sync_folder(self._path.parent)
        return os.fstat(self.descriptor)

    def close(self) -> None:
        """Leave nothing behind but what was committed."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self._aside.unlink(missing_ok=True)
        if self.old is not None:
            os.close(self.old)

    def _resemble(self, old: os.stat_result) -> None:
        new = os.fstat(self.descriptor)
        if old.st_nlink > 1 or (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid) or not stat.S_ISREG(old.st_mode):
            raise CannotReplace
        if not os.access(self._path, os.W_OK):
            raise CannotReplace
        try:
            self._aside.chmod(stat.S_IMODE(old.st_mode))
            for name in os.listxattr(self._path) if hasattr(os, "listxattr") else ():
                if not name.startswith("security."):  # labels, which the system gives by itself
                    os.setxattr(self._aside, name, os.getxattr(self._path, name))
        except OSError as error:
            raise CannotReplace from error


@contextmanager
def replacing(path: Path) -> Iterator[Replacement]:
    """A replacement for the file at *path* that leaves nothing behind when it is not committed."""
    replacement = Replacement(path.resolve())
    try:
        replacement.open()
        yield replacement
    finally:
        replacement.close()


def _sweep(path: Path) -> None:
    """Remove what a crash in the middle of an earlier save has left."""
    with suppress(OSError):
        for left in path.parent.glob(f".~{_escaped(path.name)}.{'[0-9a-f]' * 16}"):
            if time.time() - left.stat().st_mtime > _STALE_S:
                left.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
