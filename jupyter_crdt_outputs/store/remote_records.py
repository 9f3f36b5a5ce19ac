"""The records of a store on any fsspec file system: small objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from fsspec import AbstractFileSystem

from .failures import store_errors
from .records import Record, Records, path_of
from .remote_areas import modified_in


class RemoteRecords(Records):
    """Records below *root* on *filesystem*.

    Args:
        filesystem: as of the blobs.
        root: the folder of all records.
        where: the place for messages, without secrets.
        write: writes a file atomically over whatever is there, given its path.
        can_create: whether the service may know how to write only what is not there.
    """

    def __init__(
        self,
        filesystem: AbstractFileSystem,
        root: str,
        where: str,
        write: Callable[[str, bytes], None],
        can_create: bool,
    ) -> None:
        self._filesystem = filesystem
        self._root = root
        self._where = where
        self._write = write
        self._can_create = can_create

    def read(self, kind: str, name: str, start: int = 0, stop: int | None = None) -> bytes | None:
        """One request."""
        path = self._path(kind, name)
        with store_errors("read from", self._where):
            try:
                if start == 0 and stop is None:
                    return bytes(self._filesystem.cat_file(path))
                if stop is not None and stop <= start:
                    return b""
                return bytes(self._filesystem.cat_file(path, start=start, end=stop))
            except FileNotFoundError:
                return None

    def write(self, kind: str, name: str, data: bytes) -> None:
        """As a blob is written."""
        path = self._path(kind, name)
        with store_errors("write to", self._where):
            self._write(path, data)

    def create(self, kind: str, name: str, data: bytes) -> bool:
        """Looks, writes, and looks again: of two that write at once, where the service lets them, the later wins."""
        path = self._path(kind, name)
        with store_errors("write to", self._where):
            if self._filesystem.exists(path) or not self._create(path, data):
                return False
        return self.read(kind, name) == data

    def list(self, kind: str) -> Iterator[Record]:
        """One listing."""
        folder = self._path(kind, "any").rpartition("/")[0]
        with store_errors("list", self._where):
            try:
                infos = self._filesystem.ls(folder, detail=True)
            except FileNotFoundError:
                return
        for info in infos:
            name = str(info["name"]).rpartition("/")[2]
            with suppress(ValueError):
                path_of(kind, name)
                if info.get("type") == "file":
                    yield Record(name, int(info["size"]), modified_in(info))

    def delete(self, kind: str, name: str) -> None:
        """One request."""
        path = self._path(kind, name)
        with store_errors("delete from", self._where), suppress(FileNotFoundError):
            self._filesystem.rm_file(path)

    def _create(self, path: str, data: bytes) -> bool:
        if self._can_create:
            try:
                self._filesystem.pipe_file(path, data, mode="create")
            except FileExistsError:
                return False
            except (TypeError, ValueError, NotImplementedError):  # a driver that knows no such mode
                pass
            else:
                return True
        self._write(path, data)
        return True

    def _path(self, kind: str, name: str) -> str:
        return f"{self._root}/{path_of(kind, name)}"
