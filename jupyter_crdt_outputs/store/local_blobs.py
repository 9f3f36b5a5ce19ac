"""Blobs in a local folder, written so that neither a crash nor a second server can leave half of one."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from ..model.digest import Digest
from . import commit_log, durable, layout
from .blobs import Blobs, BlobStat, Entry
from .commit_log import CommitLog
from .failures import missing, store_errors
from .layout import Area
from .local_folders import LocalFolders
from .local_records import LocalRecords
from .parallel import each
from .records import Records
from .tombstones import KIND as TOMBSTONES

T = TypeVar("T")

_COMPARE_BYTES = 1 << 20
_SMALL_BYTES = 1 << 18
_MANY = 4
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
# O_NONBLOCK: opening a pipe that somebody put in the place of an artifact must not wait for its other end.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


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
        self._commits = CommitLog(self._folders.root / layout.COMMITS, self._sync)
        self._records = LocalRecords(self._folders)
        self._recovery = threading.Lock()
        self._is_recovered = False

    @property
    def where(self) -> str:
        """The folder."""
        return str(self._folders.root)

    def stat(self, digest: Digest) -> BlobStat | None:
        """Size, inode and modification time. Links, pipes and folders are no blobs."""
        with self._recovered("look into"):
            found = self._plain_file(digest)
        return None if found is None else _blob_stat(found)

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """One open, one read."""
        with self._reading(digest) as descriptor:
            return _slice(descriptor, start, os.fstat(descriptor).st_size if stop is None else stop)

    def read_with_stat(self, digest: Digest, start: int, stop: int) -> tuple[bytes, BlobStat | None]:
        """The same: the stat is of the file that is open."""
        with self._reading(digest) as descriptor:
            data = _slice(descriptor, start, stop)
            return data, _blob_stat(os.fstat(descriptor))

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """One fsync for each blob and one for each folder, several at a time; one for all blobs that are small."""
        small = {digest: data for digest, data in blobs.items() if len(data) <= _SMALL_BYTES}
        if len(small) < _MANY or not commit_log.is_possible():
            small = {}
        with self._recovered("write to"):
            rest = {digest: data for digest, data in blobs.items() if digest not in small}
            written = self._write_again(rest) if rest else {}
            return {**written, **self._write_together(small)} if small else written

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Compares the bytes, and costs fsyncs that have little to do when the blobs are durable already."""
        with store_errors("write to", self.where):
            stats = each(lambda digest: self._settle_file(digest, blobs[digest]), blobs)
            right = {digest: found for digest, found in zip(blobs, stats, strict=True) if found is not None}
            self._folders.sync_names({layout.shard_of(digest) for digest in right})
        return right

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
            found = self._plain_file(digest, area)
        return None if found is None else Entry(digest, found.st_size, found.st_mtime)

    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        """Sets the modification time, by the clock of the machine that has the disk."""
        with self._recovered("touch an artifact in"):
            path = self._folders.path(digest)
            before = self._plain_file(digest)
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
            if self._plain_file(digest, source) is None:
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
                self._named(rename)
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
            return self._commits.flush()

    @property
    def records(self) -> Records:
        """Files, too."""
        return self._records

    def _write_together(self, blobs: Mapping[Digest, bytes]) -> dict[Digest, BlobStat]:
        try:
            with self._commits.committed(blobs):
                return self._write_again(blobs, synced=False)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return self._write_again(blobs)

    def _write_again(self, blobs: Mapping[Digest, bytes], *, synced: bool = True) -> dict[Digest, BlobStat]:
        return self._named(lambda: self._write(blobs, synced))

    def _named(self, write: Callable[[], T]) -> T:
        """Do what gives files their names; again, if somebody removed folders of a store in use."""
        try:
            return write()
        except FileNotFoundError:  # what is known of folders is void
            self._folders.forget()
            return write()

    def _write(self, blobs: Mapping[Digest, bytes], synced: bool) -> dict[Digest, BlobStat]:
        shards = {layout.shard_of(digest) for digest in blobs}
        self._folders.make(shards)
        names = {digest: self._folders.temporary / secrets.token_hex(16) for digest in blobs}  # what may be left there

        def write(digest: Digest) -> os.stat_result:
            return durable.write_file(names[digest], blobs[digest], synced=synced)

        try:
            stats = each(write, blobs) if synced else list(map(write, blobs))  # threads only where there is a wait
            for digest in blobs:
                names[digest].replace(self._folders.path(digest))
                del names[digest]
        finally:
            for name in names.values():
                name.unlink(missing_ok=True)
        if synced:
            self._folders.sync_names(shards)
        return {digest: _blob_stat(found) for digest, found in zip(blobs, stats, strict=True)}

    @contextmanager
    def _recovered(self, action: str) -> Iterator[None]:
        """Inside, all that was ever acknowledged is there: a power failure may have taken what a commit log still has.

        Args:
            action: what is tried inside, for messages.
        """
        with store_errors(action, self.where):
            if not self._is_recovered and commit_log.is_possible():
                with self._recovery:  # else a second thread would pass over the commit file that the first has locked
                    if not self._is_recovered:
                        with suppress(PermissionError):  # a store that is only read
                            self._commits.recover(self._rewrite)
                        self._is_recovered = True
            yield

    def _rewrite(self, blobs: Mapping[Digest, bytes]) -> None:
        # What was purged since it was committed stays away.
        wanted = {digest for digest in blobs if self._records.read(TOMBSTONES, digest.hex) is None}
        blobs = {digest: data for digest, data in blobs.items() if digest in wanted}
        present = self.settle(blobs)
        self._write_again({digest: data for digest, data in blobs.items() if digest not in present})

    def _sync(self, digests: Sequence[Digest]) -> None:
        """Make sure that blobs which are there are durable."""
        found = zip(digests, each(self._sync_file, digests), strict=True)
        shards = {layout.shard_of(digest) for digest, is_there in found if is_there}
        if shards:
            self._folders.sync_names(shards)

    @contextmanager
    def _reading(self, digest: Digest) -> Iterator[int]:
        with self._recovered("read from"):
            descriptor = self._open(digest)
            if descriptor is None:
                raise missing(digest, self.where)
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    def _sync_file(self, digest: Digest) -> bool:
        descriptor = self._open(digest)
        if descriptor is None:
            return False
        try:
            durable.sync(descriptor)
        finally:
            os.close(descriptor)
        return True

    def _settle_file(self, digest: Digest, data: bytes) -> BlobStat | None:
        descriptor = self._open(digest)
        if descriptor is None:
            return None
        with os.fdopen(descriptor, "rb", buffering=0):
            if not _equals(descriptor, data):
                return None
            if sys.platform != "win32":  # which synchronises only what is open for writing
                durable.sync(descriptor)  # whoever put it there may have been a file copy that never did
            return _blob_stat(os.fstat(descriptor))

    def _plain_file(self, digest: Digest, area: Area = Area.ARTIFACTS) -> os.stat_result | None:
        try:
            found = os.lstat(self._folders.path(digest, area))
        except FileNotFoundError:
            return None
        return found if stat.S_ISREG(found.st_mode) else None

    def _open(self, digest: Digest) -> int | None:
        """A descriptor of the blob; None for a missing one, and for anything that is not a plain file."""
        try:
            descriptor = os.open(self._folders.path(digest), _READ)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EISDIR) or self._folders.path(digest).is_symlink():
                return None
            raise
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return None


def _slice(descriptor: int, start: int, stop: int) -> bytes:
    """The bytes from *start* up to *stop*, or the end."""
    parts = []
    while start < stop and (data := os.pread(descriptor, stop - start, start)):
        parts.append(data)
        start += len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _blob_stat(found: os.stat_result) -> BlobStat:
    return BlobStat(found.st_size, f"{found.st_ino}-{found.st_mtime_ns}", found.st_mtime)


def _equals(descriptor: int, data: bytes) -> bool:
    """Whether the file holds exactly *data*. Comparing is several times cheaper than hashing."""
    if os.fstat(descriptor).st_size != len(data):
        return False
    at = 0
    while at < len(data):
        found = os.read(descriptor, _COMPARE_BYTES)
        if not found or not data.startswith(found, at):
            return False
        at += len(found)
    return True
