"""Blobs in a local folder, written so that neither a crash nor a second server can leave half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ...model.digest import Digest
from .. import layout
from ..blobs import Blobs, BlobStat, Entry
from ..failures import missing, store_errors
from ..layout import Area
from ..records import Records
from ..tombstones import KIND as TOMBSTONES
from . import plain_files
from .folders import LocalFolders
from .records import LocalRecords
from .writer import BlobWriter


class LocalBlobs(Blobs):
    """Blobs under *root*, which is created at the first write.

    Write order: a temporary file, its fsync, a rename, the fsync of the folder. Since the rename comes after the
    fsync, a crash at any point leaves under a final name the whole blob or nothing; since the folder's fsync comes
    before the return, what was acknowledged stays. Many small blobs at once are synchronised together, in a commit
    log that stands for them until their files are on the disk as well.

    *root* itself may be, or lie behind, a symbolic link: that is its owner's choice. Inside, none is followed.
    """

    def __init__(self, root: Path) -> None:
        self._folders = LocalFolders(root)
        self._records = LocalRecords(self._folders)
        self._writer = BlobWriter(self._folders, lambda digest: self._records.read(TOMBSTONES, digest.hex) is None)

    @property
    def where(self) -> str:
        """The folder."""
        return str(self._folders.root)

    def stat(self, digest: Digest) -> BlobStat | None:
        """Size, inode and modification time. Links, pipes and folders are no blobs."""
        with self._recovered("look into"):
            found = self._look(digest)
        return None if found is None else _blob_stat(found)

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """One open, one read."""
        with self._reading(digest) as descriptor:
            return plain_files.read(descriptor, start, os.fstat(descriptor).st_size if stop is None else stop)

    def read_with_stat(self, digest: Digest, start: int, stop: int) -> tuple[bytes, BlobStat | None]:
        """The same: the stat is of the file that is open."""
        with self._reading(digest) as descriptor:
            data = plain_files.read(descriptor, start, stop)
            return data, _blob_stat(os.fstat(descriptor))

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """One fsync for each blob and one for each folder, several at a time; one for all blobs that are small."""
        with self._recovered("write to"):
            return _blob_stats(self._writer.write(blobs))

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Compares the bytes, and costs fsyncs that have little to do when the blobs are durable already."""
        return _blob_stats(self._writer.settle(blobs))

    def entries(self, area: Area = Area.ARTIFACTS, shard: str | None = None) -> Iterator[Entry]:
        """Lazy, one folder open at a time."""
        with self._recovered("list"):
            yield from self._folders.entries(area, shard)

    def shards(self, area: Area = Area.ARTIFACTS) -> list[str]:
        """Folders, links among them excepted."""
        with self._recovered("list"):
            return self._folders.shards(area)

    def entry(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Entry | None:
        """One stat."""
        with self._recovered("look into"):
            found = self._look(digest, area)
        return None if found is None else Entry(digest, found.st_size, found.st_mtime)

    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        """Sets the modification time, by the clock of the machine that has the disk."""
        with self._recovered("touch an artifact in"):
            path = self._folders.path(digest)
            before = plain_files.look(path)
            if before is None:
                return None
            try:
                os.utime(path)
                after = os.lstat(path)
            except FileNotFoundError:
                return None
        return _blob_stat(before), _blob_stat(after)

    def move(self, digest: Digest, source: Area, target: Area) -> bool:
        """One rename. The time is set before it, so a crash in between can only make the blob look younger."""
        with self._recovered("move an artifact in"):
            if self._look(digest, source) is None:
                return False
            old, new = self._folders.path(digest, source), self._folders.path(digest, target)
            shard = {layout.shard_of(digest)}
            if target is Area.ARTIFACTS and self.touch(digest) is not None:
                return True  # somebody wrote it again

            def rename() -> None:
                self._folders.make(shard, target)
                old.replace(new)

            try:
                os.utime(old)
                self._folders.named(rename)
            except FileNotFoundError:
                return False
            if target is Area.ARTIFACTS:
                self._folders.sync_names(shard)
            return True

    def remove(self, digest: Digest, area: Area = Area.ARTIFACTS) -> None:
        """One unlink, and no fsync. Readers that have the blob open keep it."""
        with self._recovered("delete from"), suppress(FileNotFoundError):
            self._folders.path(digest, area).unlink()

    def flush(self) -> bool:
        """Synchronises what this process has written lately."""
        with self._recovered("write to"):
            return self._writer.flush()

    @property
    def records(self) -> Records:
        """Files, too."""
        return self._records

    @contextmanager
    def _recovered(self, action: str) -> Iterator[None]:
        """Inside, all that was ever acknowledged is there.

        Args:
            action: what is tried inside, for messages.
        """
        with store_errors(action, self.where):
            self._writer.recover()
            yield

    @contextmanager
    def _reading(self, digest: Digest) -> Iterator[int]:
        with self._recovered("read from"), plain_files.opened(self._folders.path(digest)) as descriptor:
            if descriptor is None:
                raise missing(digest, self.where)
            yield descriptor

    def _look(self, digest: Digest, area: Area = Area.ARTIFACTS) -> os.stat_result | None:
        return plain_files.look(self._folders.path(digest, area))


def _blob_stat(found: os.stat_result) -> BlobStat:
    return BlobStat(found.st_size, f"{found.st_ino}-{found.st_mtime_ns}", found.st_mtime)


def _blob_stats(found: Mapping[Digest, os.stat_result]) -> dict[Digest, BlobStat]:
    return {digest: _blob_stat(stat) for digest, stat in found.items()}
