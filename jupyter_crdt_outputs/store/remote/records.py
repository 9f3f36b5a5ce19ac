"""The records of a store on any fsspec file system: small objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from .. import layout
from ..failures import store_errors
from ..records import Record, Records, path_of
from .file_info import modified_in
from .files import RemoteFiles


class RemoteRecords(Records):
    """The records among *files*."""

    def __init__(self, files: RemoteFiles) -> None:
        self._files = files

    def read(self, kind: str, name: str, start: int = 0, stop: int | None = None) -> bytes | None:
        """One request; of a large record, several."""
        path = self._path(kind, name)
        with store_errors("read from", self._files.where):
            try:
                return self._files.read(path, start, stop)
            except FileNotFoundError:
                return None

    def write(self, kind: str, name: str, data: bytes) -> None:
        """As a blob is written."""
        path = self._path(kind, name)
        with store_errors("write to", self._files.where):
            self._files.write(path, data)

    def create(self, kind: str, name: str, data: bytes) -> bool:
        """Looks, writes, and looks again: of two that write at once, where the service lets them, the later wins."""
        path = self._path(kind, name)
        with store_errors("write to", self._files.where):
            if self._files.info(path) is not None or not self._files.create(path, data):
                return False
        return self.read(kind, name) == data

    def list(self, kind: str) -> Iterator[Record]:
        """One listing."""
        folder = self._path(kind, "any").rpartition("/")[0]
        with store_errors("list", self._files.where):
            found = self._files.list(folder)
        for name, info in found:
            with suppress(ValueError):
                path_of(kind, name)
                if info.get("type") == "file":
                    yield Record(name, int(info["size"]), modified_in(info))

    def delete(self, kind: str, name: str) -> None:
        """One request."""
        path = self._path(kind, name)
        with store_errors("delete from", self._files.where):
            self._files.remove(path)

    def _path(self, kind: str, name: str) -> str:
        return f"{layout.RECORDS}/{path_of(kind, name)}"
