"""Files where a write that ends early leaves a part of one, as over SFTP: each is written aside and renamed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress

from .. import layout
from .deadlines import Calls
from .files import RemoteFiles


class RenamedFiles(RemoteFiles):
    """Nobody sees a file before all of it has arrived; folders are made as they are needed."""

    write_is_one_request = False

    def __init__(self, calls: Calls, root: str, where: str) -> None:
        super().__init__(calls, root, where)
        self._folders: set[str] = set()  # known to be there

    def write(self, path: str, data: bytes) -> None:
        """A file aside, and a rename."""
        aside = f"{layout.TEMPORARY}/{secrets.token_hex(16)}"
        try:
            self._in_folders(lambda: self._call("pipe_file", aside, data, moved=len(data)), aside)
            self._in_folders(lambda: self._replace(aside, path), path)
        except BaseException:
            with suppress(Exception):  # the error that matters is on its way up
                self._call("rm_file", aside)
            raise

    def create(self, path: str, data: bytes) -> bool:
        """As :meth:`write`: such services cannot refuse."""
        self.write(path, data)
        return True

    def copy(self, path: str, target: str) -> None:
        """A rename: the file is only at *target* then."""
        with suppress(FileExistsError):  # somebody was faster
            self._in_folders(lambda: self._call("mv", path, self._full(target), overwrite=False), target)

    def _in_folders(self, work: Callable[[], None], path: str) -> None:
        """Do what puts a file at *path* where its folder is there."""
        folder = path.rpartition("/")[0]
        if folder in self._folders:
            try:
                work()
            except FileNotFoundError:  # it is the folder, if somebody removed that
                self._folders.discard(folder)
            else:
                return
        self._make(folder)
        work()
        self._folders.add(folder)

    def _make(self, folder: str) -> None:
        try:
            self._call("makedirs", folder, exist_ok=True)
        except Exception:
            if not self._call("isdir", folder):  # else another has just made it, or the one above it
                self._call("makedirs", folder, exist_ok=True)

    def _replace(self, aside: str, path: str) -> None:
        try:
            self._call("mv", aside, self._full(path))
        except (TimeoutError, FileNotFoundError):
            raise
        except Exception:
            if self.info(path) is None:
                raise
            # Not every rename replaces. What is in the way has the wrong size, is corrupt, or just came from another.
            self.remove(path)
            self._call("mv", aside, self._full(path))
