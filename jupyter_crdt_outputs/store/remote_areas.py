"""Listing, touching and moving blobs on file systems that can set no time: empty files tell their age."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from fsspec import AbstractFileSystem

from ..model.digest import Digest
from . import layout
from .blobs import Blobs, BlobStat, Entry
from .failures import store_errors
from .layout import Area
from .parallel import each
from .records import Records

# What drivers call the time of the last write, in listings as in answers about one file.
_TIME_KEYS = ("LastModified", "last_modified", "updated", "modified", "mtime", "created")

_SHARDS_AT_ONCE = 8


class RemoteAreas(Blobs):
    """What of :class:`.remote_blobs.RemoteBlobs` goes beyond one artifact's bytes.

    A touch writes an empty file named as the blob; a blob is as young as the younger of the two. So is a blob that
    was moved, since a rename keeps its time on some services.
    """

    _filesystem: AbstractFileSystem
    _root: str
    _records: Records

    @abstractmethod
    def _write_at(self, path: str, data: bytes) -> None:
        """Write a file, atomically, over whatever is there."""

    @abstractmethod
    def _copy(self, path: str, target: str) -> None:
        """Have a file at *target*, too, where none is, or only at *target*. Raises FileNotFoundError."""

    def entries(self, area: Area = Area.ARTIFACTS, shard: str | None = None) -> Iterator[Entry]:
        """One listing for each shard and one for its touches; a few shards at a time."""
        with store_errors("list", self.where):
            shards = [shard] if shard else self._shards(area.value)
            touched = set(shards if shard else self._shards(layout.TOUCHED))
        for first in range(0, len(shards), _SHARDS_AT_ONCE):
            with store_errors("list", self.where):
                found = each(partial(self._entries, area, touched), shards[first : first + _SHARDS_AT_ONCE])
            for entries in found:
                yield from entries

    def entry(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Entry | None:
        """Two round trips."""
        with store_errors("look into", self.where):
            info = self._info(self._path(digest, area))
            if info is None:
                return None
            return _entry(digest, info, self._info(self._touch_path(digest)) or {})

    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        """Two round trips, the one that looks whether the blob is there being the last."""
        with store_errors("touch an artifact in", self.where):
            self._write_at(self._touch_path(digest), b"")
        found = self.stat(digest)
        if found is not None:
            return found, found
        with store_errors("delete from", self.where), suppress(FileNotFoundError):
            self._filesystem.rm_file(self._touch_path(digest))
        return None

    def move(self, digest: Digest, source: Area, target: Area) -> bool:
        """A copy, and a removal unless the artifacts are the target: two that move it to and fro could remove both."""
        old, new = self._path(digest, source), self._path(digest, target)
        with store_errors("move an artifact in", self.where):
            found = self._info(old)
            if found is None:
                return False
            self._write_at(self._touch_path(digest), b"")
            there = self._info(new)
            if there is None or (target is not Area.ARTIFACTS and there["size"] != found["size"]):
                try:
                    self._copy(old, new)
                except FileNotFoundError:  # somebody else took it
                    return self._info(new) is not None
            if target is not Area.ARTIFACTS and _is_same(found, self._info(old)):  # else somebody wrote it again
                with suppress(FileNotFoundError):
                    self._filesystem.rm_file(old)
            return True

    def remove(self, digest: Digest, area: Area = Area.ARTIFACTS) -> None:
        """Two or three requests: what tells the age of an artifact stays as long as there is one."""
        with store_errors("delete from", self.where):
            with suppress(FileNotFoundError):
                self._filesystem.rm_file(self._path(digest, area))
            if area is Area.ARTIFACTS or self._info(self._path(digest)) is None:
                with suppress(FileNotFoundError):
                    self._filesystem.rm_file(self._touch_path(digest))

    def flush(self) -> bool:
        """Always so."""
        return True

    @property
    def records(self) -> Records:
        """Objects, too."""
        return self._records

    def _entries(self, area: Area, touched: set[str], shard: str) -> list[Entry]:
        listed = self._list(f"{self._root}/{layout.TOUCHED}/{shard}") if shard in touched else []
        touches = {_name(info): info for info in listed}
        found = []
        for info in self._list(f"{self._root}/{area.value}/{shard}"):
            digest = layout.digest_of(shard, _name(info))
            if digest is not None and info.get("type") == "file":
                found.append(_entry(digest, info, touches.get(digest.hex, {})))
        return found

    def _shards(self, folder: str) -> list[str]:
        names = {_name(info) for info in self._list(f"{self._root}/{folder}")}
        return [shard for shard in layout.SHARDS if shard in names]

    def _list(self, folder: str) -> list[dict[str, Any]]:
        try:
            infos: list[dict[str, Any]] = self._filesystem.ls(folder, detail=True)
        except FileNotFoundError:
            return []
        return infos

    def _info(self, path: str) -> Mapping[str, Any] | None:
        try:
            info: Mapping[str, Any] = self._filesystem.info(path)
        except FileNotFoundError:
            return None
        return info if info.get("type") == "file" else None

    def _path(self, digest: Digest, area: Area = Area.ARTIFACTS) -> str:
        return f"{self._root}/{layout.key_of(digest, area)}"

    def _touch_path(self, digest: Digest) -> str:
        return f"{self._root}/{layout.TOUCHED}/{layout.shard_of(digest)}/{digest.hex}"


def modified_in(info: Mapping[str, Any]) -> float | None:
    """When a file was written, in POSIX seconds, whatever type and name the driver has for it; None if it has none."""
    found = next((info[key] for key in _TIME_KEYS if info.get(key) is not None), None)
    if isinstance(found, str):
        found = _parsed(found)
    if isinstance(found, datetime):
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return float(found) if isinstance(found, int | float) else None


def _parsed(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError):
            return parse(text)
    return None


def _is_same(info: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    return other is not None and (info["size"], modified_in(info)) == (other["size"], modified_in(other))


def _entry(digest: Digest, info: Mapping[str, Any], touch: Mapping[str, Any]) -> Entry:
    times = [time for time in (modified_in(info), modified_in(touch)) if time is not None]
    return Entry(digest, int(info["size"]), max(times, default=None))


def _name(info: Mapping[str, Any]) -> str:
    return str(info["name"]).rstrip("/").rpartition("/")[2]
