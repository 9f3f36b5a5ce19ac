"""Blobs on any file system that fsspec has a driver for: object stores, SFTP, memory for tests."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress

from fsspec import AbstractFileSystem
from fsspec.dircache import DirCache

from ..errors import ArtifactMissing
from ..model.digest import Digest
from . import layout
from .blobs import BlobStat
from .failures import store_errors
from .parallel import each
from .remote_areas import RemoteAreas, modified_in
from .remote_records import RemoteRecords

# Where one request writes one object, whole or not at all. Everywhere else we write aside and rename.
_ATOMIC_PROTOCOLS = frozenset(
    ["memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "oci", "ocilake", "obs", "tos", "cos"]
)

# What drivers call the thing that changes with the content, best first.
_VERSION_KEYS = ("ETag", "etag", "md5", "mtime", "LastModified", "last_modified", "modify", "updated", "created")


class RemoteBlobs(RemoteAreas):
    """Blobs under *root* on *filesystem*.

    Durable as soon as the service says so. Every call waits as long as the driver does, which may be very long:
    deadlines are the business of a store around this one.

    Args:
        filesystem: an fsspec file system, not shared with others, since its listings are dropped after use.
        root: the path of the store in it, without a trailing slash.
        where: the place for messages, without secrets.
    """

    def __init__(self, filesystem: AbstractFileSystem, root: str, where: str) -> None:
        self._filesystem = filesystem
        self._root = root
        self._where = where
        protocols = filesystem.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        self._atomic = not names.isdisjoint(_ATOMIC_PROTOCOLS)
        self._records = RemoteRecords(filesystem, f"{root}/{layout.RECORDS}", where, self._write_at, self._atomic)
        # Else `info` may be answered from a listing, and would not see what others did since.
        filesystem.dircache = DirCache(use_listings_cache=False)

    @property
    def where(self) -> str:
        """The URL without its secrets."""
        return self._where

    def stat(self, digest: Digest) -> BlobStat | None:
        """One round trip. The version is what the driver offers that tells most."""
        with store_errors("look into", self.where):
            try:
                info = self._filesystem.info(self._path(digest))
            except FileNotFoundError:
                return None
        if info.get("type") != "file":
            return None
        version = next((str(info[key]) for key in _VERSION_KEYS if info.get(key) is not None), "")
        return BlobStat(int(info["size"]), version, modified_in(info))

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """One ranged request."""
        with store_errors("read from", self.where):
            try:
                if start == 0 and stop is None:
                    return bytes(self._filesystem.cat_file(self._path(digest)))
                return bytes(self._filesystem.cat_file(self._path(digest), start=start, end=stop))
            except FileNotFoundError as error:
                raise ArtifactMissing(f"the artifact store at {self.where} holds no artifact {digest}") from error

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """One request for each blob, several at a time; elsewhere than on object stores, a file aside and a rename."""
        with store_errors("write to", self.where):
            each(lambda digest: self._write_at(self._path(digest), blobs[digest]), blobs)
        return {}  # a stat would cost one more round trip for each

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Believes what is there: to compare the bytes would be to download them."""
        stats = each(self.stat, blobs)
        return {digest: found for digest, found in zip(blobs, stats, strict=True) if found is not None}

    def _write_at(self, path: str, data: bytes) -> None:
        if self._atomic:
            self._filesystem.pipe_file(path, data)
            return
        aside = f"{self._root}/{layout.TEMPORARY}/{secrets.token_hex(16)}"
        for folder in (aside, path):
            self._filesystem.makedirs(folder.rsplit("/", 1)[0], exist_ok=True)
        try:
            self._filesystem.pipe_file(aside, data)
            self._rename(aside, path)
        except BaseException:
            with suppress(Exception):  # the error that matters is on its way up
                self._filesystem.rm_file(aside)
            raise

    def _copy(self, path: str, target: str) -> None:
        if self._atomic:
            self._filesystem.cp_file(path, target)
            return
        self._filesystem.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        self._filesystem.mv(path, target)

    def _rename(self, aside: str, path: str) -> None:
        try:
            self._filesystem.mv(aside, path)
        except Exception:
            if not self._filesystem.exists(path):
                raise
            # Not every rename replaces. What is in the way has the wrong size, is corrupt, or just came from another.
            with suppress(FileNotFoundError):
                self._filesystem.rm_file(path)
            self._filesystem.mv(aside, path)
