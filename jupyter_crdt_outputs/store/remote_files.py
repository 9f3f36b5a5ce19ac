"""The files of one store on any file system that fsspec has a driver for, with what drivers differ in put right."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from fsspec import AbstractFileSystem

from . import layout
from .deadlines import Deadline, calls_on
from .failures import is_beyond_end, is_missing

# Of a read whose size is not known: what a deadline is counted on. Most artifacts fit into the first.
_FIRST_BYTES = 1 << 20
_CHUNK_BYTES = 8 << 20
_NO_BUCKET = "the bucket or container is missing"
_LISTED_BYTES = 2 << 20  # what a listing of one folder comes to in a store of a million artifacts


class RemoteFiles:
    """Files below *root*; a path is relative to it.

    Every method blocks, is thread-safe, and raises what a driver raises, for :func:`.failures.store_errors` to tell.
    Every single call of the driver ends by *deadline*. FileNotFoundError means the file and never its bucket.

    Args:
        filesystem: an fsspec file system, not shared with others and without a cache of listings; or what connects to
            one, called for each connection, where those cannot be used by several threads.
        root: the path of the store in it, without a trailing slash.
        where: the place for messages, without secrets.
        atomic: whether one call writes one file, whole or not at all, as in object stores. Everywhere else a file is
            written aside and renamed.
        deadline: of each call.
    """

    def __init__(
        self,
        filesystem: AbstractFileSystem | Callable[[], AbstractFileSystem],
        root: str,
        where: str,
        *,
        atomic: bool,
        deadline: Deadline | None = None,
    ) -> None:
        self._driver = calls_on(filesystem, deadline or Deadline())
        self._root = root
        self.where = where
        self.atomic = atomic
        self._folders: set[str] = set()  # known to be there

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

    def write(self, path: str, data: bytes) -> None:
        """Write a file, atomically, over whatever is there."""
        if self.atomic:
            try:
                self._call("pipe_file", path, data, moved=len(data))
            except FileNotFoundError as error:
                raise OSError(_NO_BUCKET) from error
            return
        aside = f"{layout.TEMPORARY}/{secrets.token_hex(16)}"
        try:
            self._in_folders(lambda: self._call("pipe_file", aside, data, moved=len(data)), aside)
            self._in_folders(lambda: self._replace(aside, path), path)
        except BaseException:
            with suppress(Exception):  # the error that matters is on its way up
                self._call("rm_file", aside)
            raise

    def create(self, path: str, data: bytes) -> bool:
        """Write a file unless there is one, as far as the service knows how to: else over whatever is there."""
        if self.atomic:
            try:
                self._call("pipe_file", path, data, mode="create", moved=len(data))
            except FileExistsError:
                return False
            except (TypeError, ValueError, NotImplementedError):  # a driver that knows no such mode
                pass
            else:
                return True
        self.write(path, data)
        return True

    def copy(self, path: str, target: str) -> None:
        """Have a file at *target*, too, where none is; or, where that is cheaper, only at *target*.

        Raises:
            FileNotFoundError: there is no file at *path*.
        """
        if self.atomic:
            self._call("cp_file", path, self._full(target))
            return
        with suppress(FileExistsError):  # somebody was faster
            self._in_folders(lambda: self._call("mv", path, self._full(target), overwrite=False), target)

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

    def _call(self, method: str, path: str, *arguments: Any, **options: Any) -> Any:
        try:
            return self._driver(method, self._full(path), *arguments, **options)
        except FileNotFoundError as error:
            if is_missing(error):
                raise
            raise OSError(_NO_BUCKET) from error

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"
