"""Listing, touching and moving blobs on file systems that can set no time: empty files tell their age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ...model.digest import Digest
from .. import layout
from ..blobs import Blobs, BlobStat, Entry
from ..failures import store_errors
from ..layout import Area
from ..parallel import each
from ..records import Records
from .file_info import modified_in
from .files import RemoteFiles
from .records import RemoteRecords

_SHARDS_AT_ONCE = 8


class RemoteAreas(Blobs):
    """What of :class:`.blobs.RemoteBlobs` goes beyond one artifact's bytes.

    A touch writes an empty file named as the blob; a blob is as young as the younger of the two. So is a blob that
    was moved, since a rename keeps its time on some services.
    """

    def __init__(self, files: RemoteFiles) -> None:
        self._files = files
        self._records = RemoteRecords(files)

    @property
    def where(self) -> str:
        """The URL without its secrets."""
        return self._files.where

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

    def shards(self, area: Area = Area.ARTIFACTS) -> list[str]:
        """One listing."""
        with store_errors("list", self.where):
            return self._shards(area.value)

    def entry(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Entry | None:
        """Two round trips."""
        with store_errors("look into", self.where):
            info = self._files.info(layout.key_of(digest, area))
            if info is None:
                return None
            return _entry(digest, info, self._files.info(_touch_path(digest)) or {})

    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        """Two round trips, the one that looks whether the blob is there being the last."""
        with store_errors("touch an artifact in", self.where):
            self._files.write(_touch_path(digest), b"")
        found = self.stat(digest)
        if found is not None:
            return found, found
        with store_errors("delete from", self.where):
            self._files.remove(_touch_path(digest))
        return None

    def move(self, digest: Digest, source: Area, target: Area) -> bool:
        """A copy, and a removal unless the artifacts are the target: two that move it to and fro could remove both."""
        old, new = layout.key_of(digest, source), layout.key_of(digest, target)
        with store_errors("move an artifact in", self.where):
            found = self._files.info(old)
            if found is None:
                return False
            self._files.write(_touch_path(digest), b"")
            there = self._files.info(new)
            if there is None or (target is not Area.ARTIFACTS and there["size"] != found["size"]):
                try:
                    self._files.copy(old, new)
                except FileNotFoundError:  # somebody else took it
                    return self._files.info(new) is not None
            if target is not Area.ARTIFACTS and _is_same(found, self._files.info(old)):  # else somebody wrote it again
                self._files.remove(old)
            return True

    def remove(self, digest: Digest, area: Area = Area.ARTIFACTS) -> None:
        """Two or three requests: what tells the age of an artifact stays as long as there is one."""
        with store_errors("delete from", self.where):
            self._files.remove(layout.key_of(digest, area))
            if area is Area.ARTIFACTS or self._files.info(layout.key_of(digest)) is None:
                self._files.remove(_touch_path(digest))

    def flush(self) -> bool:
        """Always so."""
        return True

    @property
    def records(self) -> Records:
        """Objects, too."""
        return self._records

    def _entries(self, area: Area, touched: set[str], shard: str) -> list[Entry]:
        touches = dict(self._files.list(f"{layout.TOUCHED}/{shard}")) if shard in touched else {}
        found = []
        for name, info in self._files.list(f"{area.value}/{shard}"):
            digest = layout.digest_of(shard, name)
            if digest is not None and info.get("type") == "file":
                found.append(_entry(digest, info, touches.get(name, {})))
        return found

    def _shards(self, folder: str) -> list[str]:
        names = {name for name, _ in self._files.list(folder)}
        return [shard for shard in layout.SHARDS if shard in names]


def _touch_path(digest: Digest) -> str:
    return f"{layout.TOUCHED}/{layout.shard_of(digest)}/{digest.hex}"


def _is_same(info: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    return other is not None and (info["size"], modified_in(info)) == (other["size"], modified_in(other))


def _entry(digest: Digest, info: Mapping[str, Any], touch: Mapping[str, Any]) -> Entry:
    times = [time for time in (modified_in(info), modified_in(touch)) if time is not None]
    return Entry(digest, int(info["size"]), max(times, default=None))
