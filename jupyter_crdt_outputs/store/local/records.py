"""The records of a local store: small files, each written aside, synchronised and renamed."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from .. import durable, layout
from ..failures import store_errors
from ..records import Record, Records, path_of
from . import plain_files
from .folders import LocalFolders

_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class LocalRecords(Records):
    """Records below the root of *folders*."""

    def __init__(self, folders: LocalFolders) -> None:
        self._folders = folders
        self._root = folders.root / layout.RECORDS

    def read(self, kind: str, name: str, start: int = 0, stop: int | None = None) -> bytes | None:
        """One open, one read."""
        path = self._path(kind, name)
        with store_errors("read from", str(self._folders.root)):
            try:
                with path.open("rb") as file:
                    file.seek(start)
                    return file.read() if stop is None else file.read(max(0, stop - start))
            except FileNotFoundError:
                return None

    def write(self, kind: str, name: str, data: bytes) -> None:
        """A file aside, its fsync, a rename, the fsync of the folder."""
        self._write(kind, name, data, _rename)

    def create(self, kind: str, name: str, data: bytes) -> bool:
        """As :meth:`write`, with a hard link in place of the rename, which no two callers can make."""
        return self._write(kind, name, data, _link)

    def list(self, kind: str) -> Iterator[Record]:
        """Lazy."""
        folder = self._path(kind, "any").parent
        with store_errors("list", str(self._folders.root)):
            for entry in plain_files.inside(folder):
                with suppress(FileNotFoundError, ValueError):  # it went meanwhile, or is no record
                    path_of(kind, entry.name)
                    found = entry.stat(follow_symlinks=False)
                    yield Record(entry.name, found.st_size, found.st_mtime)

    def delete(self, kind: str, name: str) -> None:
        """One unlink, and the fsync of the folder."""
        path = self._path(kind, name)
        with store_errors("delete from", str(self._folders.root)), suppress(FileNotFoundError):
            path.unlink()
            durable.sync_folder(path.parent)

    def _write(self, kind: str, name: str, data: bytes, give_name: Callable[[Path, Path], bool]) -> bool:
        path = self._path(kind, name)
        aside = self._folders.temporary / secrets.token_hex(16)
        with store_errors("write to", str(self._folders.root)):
            self._folders.forget()  # records are few, and somebody may have removed the folders
            self._folders.make_folders({self._root, path.parent})
            try:
                durable.write_file(aside, data)
                is_named = give_name(aside, path)
            finally:
                aside.unlink(missing_ok=True)
            durable.sync_folder(path.parent)
        return is_named

    def _path(self, kind: str, name: str) -> Path:
        return self._root / path_of(kind, name)


def _rename(aside: Path, path: Path) -> bool:
    aside.replace(path)
    return True


def _link(aside: Path, path: Path) -> bool:
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        try:  # whoever looks in between finds an empty record
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, durable.FILE_MODE))
        except FileExistsError:
            return False
        aside.replace(path)
    return True
