"""The files of one store on any file system that fsspec has a driver for, with what drivers differ in put right."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..failures import is_beyond_end, is_missing
from .deadlines import Calls

NO_BUCKET = "the bucket or container is missing"

# Of a read whose size is not known: what a deadline is counted on. Most artifacts fit into the first.
_FIRST_BYTES = 1 << 20
_CHUNK_BYTES = 8 << 20
_LISTED_BYTES = 2 << 20  # what a listing of one folder comes to in a store of a million artifacts


class RemoteFiles(ABC):
    """Files below *root*; a path is relative to it.

    Every method blocks, is thread-safe, and raises what a driver raises, for :func:`..failures.store_errors` to tell.
    FileNotFoundError means the file and never its bucket.

    Args:
        calls: on an fsspec file system; each ends by its deadline.
        root: the path of the store in it, without a trailing slash.
        where: the place for messages, without secrets.
    """

    write_is_one_request: bool
    """Whether to write a file costs no more than to look whether it is there."""

    def __init__(self, calls: Calls, root: str, where: str) -> None:
        self._calls = calls
        self._root = root
        self.where = where

    @abstractmethod
    def write(self, path: str, data: bytes) -> None:
        """Write a file, atomically, over whatever is there."""

    @abstractmethod
    def create(self, path: str, data: bytes) -> bool:
        """Write a file unless there is one, as far as the service knows how to: else over whatever is there."""

    @abstractmethod
    def copy(self, path: str, target: str) -> None:
        """Have a file at *target*, too, where none is; or, where that is cheaper, only at *target*.

        Raises:
            FileNotFoundError: there is no file at *path*.
        """

    def info(self, path: str) -> Mapping[str, Any] | None:
        """What the driver says of a file, asked anew; None when there is none."""
        try:
            info: Mapping[str, Any] = self._call("info", path)
        except FileNotFoundError:
            return None
        return info if info.get("type") == "file" else None

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes from *start* up to *stop*. One request; of unknown size, one for 1 MiB and for every 8 after it.

        Raises:
            FileNotFoundError: there is no such file.
        """
        return b"".join(self._slices(path, start)) if stop is None else self._slice(path, start, stop)

    def remove(self, path: str) -> None:
        """Remove the file if it is there."""
        with suppress(FileNotFoundError):
            self._call("rm_file", path)

    def list(self, folder: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The names in *folder*, and what the driver says of each; nothing if there is no folder."""
        try:
            infos = self._call("ls", folder, detail=True, moved=_LISTED_BYTES)
        except FileNotFoundError:
            return []
        return [(f"/{info['name']}".rstrip("/").rpartition("/")[2], info) for info in infos]

    def _slice(self, path: str, start: int, stop: int) -> bytes:
        if start >= stop:
            return b""
        data = bytes(self._call("cat_file", path, start=start, end=stop, moved=stop - start))
        return data[: stop - start]

    def _slices(self, path: str, start: int) -> Iterator[bytes]:
        asked = _FIRST_BYTES
        while True:
            try:
                data = self._slice(path, start, start + asked)
            except Exception as error:
                # Services refuse a range that begins where the file ends.
                if is_beyond_end(error) and (found := self.info(path)) is not None and int(found["size"]) <= start:
                    return
                raise
            yield data
            if len(data) < asked:
                return
            start += asked
            asked = _CHUNK_BYTES

    def _call(self, method: str, path: str, *arguments: Any, **options: Any) -> Any:
        try:
            return self._calls(method, self._full(path), *arguments, **options)
        except FileNotFoundError as error:
            if is_missing(error):
                raise
            raise OSError(NO_BUCKET) from error

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"
