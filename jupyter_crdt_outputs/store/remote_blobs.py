"""Blobs on any file system that fsspec has a driver for: object stores, SFTP, WebDAV, memory for tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from fsspec import AbstractFileSystem

from ..errors import ArtifactMissing
from ..model.digest import Digest
from . import layout
from .blobs import Blobs, BlobStat
from .deadlines import Deadline, calls_on
from .failures import is_beyond_end, is_missing, store_errors
from .file_info import version_of
from .parallel import each

# Of a read whose size is not known: what a deadline is counted on. Most artifacts fit into the first.
_FIRST_BYTES = 1 << 20
_CHUNK_BYTES = 8 << 20
_LISTED_BYTES = 8 << 20  # what a listing of one folder may come to
_FOLDERS_AT_ONCE = 16


class RemoteBlobs(Blobs):
    """Blobs under *root* on *filesystem*.

    Durable as soon as the service says so. Every call to the service ends by *deadline*, as
    :class:`StoreUnavailable` if need be.

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
        atomic: bool = False,
        deadline: Deadline | None = None,
    ) -> None:
        self._call = calls_on(filesystem, deadline or Deadline())
        self._root = root
        self._where = where
        self._atomic = atomic
        self._folders: set[str] = set()  # known to be there

    @property
    def where(self) -> str:
        """The URL without its secrets."""
        return self._where

    @property
    def stat_costs_a_round_trip(self) -> bool:
        """Where a write is one request, too."""
        return self._atomic

    def stat(self, digest: Digest) -> BlobStat | None:
        """One round trip. The version is what the driver offers that tells most."""
        with store_errors("look into", self.where):
            try:
                info = self._call("info", self._path(digest))
            except FileNotFoundError as error:
                if is_missing(error):
                    return None
                raise
        return BlobStat(int(info["size"]), version_of(info)) if info.get("type") == "file" else None

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """One ranged request; of an artifact of unknown size, one for the first 1 MiB and for every 8 MiB after it."""
        with store_errors("read from", self.where):
            try:
                if stop is not None:
                    return self._slice(digest, start, stop)
                return b"".join(self._slices(digest, start))
            except FileNotFoundError as error:
                if not is_missing(error):
                    raise
                raise ArtifactMissing(f"the artifact store at {self.where} holds no artifact {digest}") from error

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """One request for each blob, several at a time; elsewhere than on object stores, a file aside and a rename."""
        write = self._write_at_once if self._atomic else self._write_aside
        with store_errors("write to", self.where):
            each(lambda digest: write(self._path(digest), blobs[digest]), blobs)
        return {}  # a stat would cost one more round trip for each

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Believes what is there: to compare the bytes would be to download them."""
        stats = each(self.stat, blobs)
        return {digest: found for digest, found in zip(blobs, stats, strict=True) if found is not None}

    def digests(self) -> Iterator[Digest]:
        """Lists some folders at a time, so that neither the memory nor the waiting grows with the store."""
        shards = sorted(name for name, info in self._listing(layout.ARTIFACTS) if info.get("type") == "directory")
        for first in range(0, len(shards), _FOLDERS_AT_ONCE):
            for found in each(self._digests_in, shards[first : first + _FOLDERS_AT_ONCE]):
                yield from found

    def delete(self, digest: Digest) -> None:
        """One request."""
        with store_errors("delete from", self.where), suppress(FileNotFoundError):
            self._call("rm_file", self._path(digest))

    def _digests_in(self, shard: str) -> list[Digest]:
        files = self._listing(f"{layout.ARTIFACTS}/{shard}")
        digests = (layout.digest_of(shard, name) for name, info in files if info.get("type") == "file")
        return [digest for digest in digests if digest is not None]

    def _listing(self, folder: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The names in *folder* of the store, and what the driver says about each; nothing if there is no folder."""
        with store_errors("list", self.where):
            try:
                infos = self._call("ls", f"{self._root}/{folder}", detail=True, moved=_LISTED_BYTES)
            except FileNotFoundError as error:
                if is_missing(error):
                    return []
                raise
        return [(f"/{info['name']}".rstrip("/").rpartition("/")[2], info) for info in infos]

    def _slice(self, digest: Digest, start: int, stop: int) -> bytes:
        if start >= stop:
            return b""
        data = bytes(self._call("cat_file", self._path(digest), start=start, end=stop, moved=stop - start))
        return data[: stop - start]

    def _slices(self, digest: Digest, start: int) -> Iterator[bytes]:
        asked = _FIRST_BYTES
        while True:
            try:
                data = self._slice(digest, start, start + asked)
            except Exception as error:
                # Services refuse a range that begins where the file ends.
                if is_beyond_end(error) and (found := self.stat(digest)) is not None and found.size <= start:
                    return
                raise
            yield data
            if len(data) < asked:
                return
            start += asked
            asked = _CHUNK_BYTES

    def _write_at_once(self, path: str, data: bytes) -> None:
        self._call("pipe_file", path, data, moved=len(data))

    def _write_aside(self, path: str, data: bytes) -> None:
        aside = f"{self._root}/{layout.TEMPORARY}/{secrets.token_hex(16)}"
        try:
            try:
                self._place(aside, path, data)
            except FileNotFoundError:  # somebody removed a folder
                self._folders.clear()
                self._place(aside, path, data)
        except BaseException:
            with suppress(Exception):  # the error that matters is on its way up
                self._call("rm_file", aside)
            raise

    def _place(self, aside: str, path: str, data: bytes) -> None:
        for folder in (aside.rpartition("/")[0], path.rpartition("/")[0]):
            if folder not in self._folders:
                self._make_folder(folder)
                self._folders.add(folder)
        self._call("pipe_file", aside, data, moved=len(data))
        self._rename(aside, path)

    def _make_folder(self, folder: str) -> None:
        try:
            self._call("makedirs", folder, exist_ok=True)
        except Exception:
            if not self._call("isdir", folder):  # else another has just made it, or the one above it
                self._call("makedirs", folder, exist_ok=True)

    def _rename(self, aside: str, path: str) -> None:
        try:
            self._call("mv", aside, path)
        except TimeoutError:
            raise
        except Exception:
            if not self._call("exists", path):
                raise
            # Not every rename replaces. What is in the way has the wrong size, is corrupt, or just came from another.
            with suppress(FileNotFoundError):
                self._call("rm_file", path)
            self._call("mv", aside, path)

    def _path(self, digest: Digest) -> str:
        return f"{self._root}/{layout.key_of(digest)}"
