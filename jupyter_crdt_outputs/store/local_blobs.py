"""Blobs in a local folder, written so that neither a crash nor a second server can leave half of one."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import ArtifactMissing
from ..model.digest import Digest
from . import durable, layout
from .blobs import Blobs, BlobStat
from .failures import store_errors
from .parallel import each

# No put takes this long, so an older temporary file has lost its writer. Clocks of two machines that share a folder
# may differ by hours, not by days.
_STALE_S = 2 * 24 * 3600
_COMPARE_BYTES = 1 << 20
# O_NONBLOCK: opening a pipe that somebody put in the place of an artifact must not wait for its other end.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class LocalBlobs(Blobs):
    """Blobs under *root*, which is created at the first write.

    Write order: a temporary file, its fsync, a rename, the fsync of the folder. Since the rename comes after the
    fsync, a crash at any point leaves under a final name the whole blob or nothing; since the folder's fsync comes
    before the return, what was acknowledged stays.

    *root* itself may be, or lie behind, a symbolic link: that is its owner's choice. Inside, none is followed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._artifacts = self._root / layout.ARTIFACTS
        self._temporary = self._root / layout.TEMPORARY
        self._lasting_folders: set[Path] = set()
        self._swept = False

    @property
    def where(self) -> str:
        """The folder."""
        return str(self._root)

    def stat(self, digest: Digest) -> BlobStat | None:
        """Size, inode and modification time. Links, pipes and folders are no blobs."""
        with store_errors("look into", self.where):
            try:
                found = os.lstat(self._path(digest))
            except FileNotFoundError:
                return None
        return _blob_stat(found) if stat.S_ISREG(found.st_mode) else None

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """One open, one read."""
        with store_errors("read from", self.where):
            descriptor = self._open(digest)
            if descriptor is None:
                raise ArtifactMissing(f"the artifact store at {self.where} holds no artifact {digest}")
            with os.fdopen(descriptor, "rb") as file:
                file.seek(start)
                return file.read() if stop is None else file.read(max(0, stop - start))

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """One fsync for each blob and one for each folder, several at a time."""
        with store_errors("write to", self.where):
            try:
                return self._write(blobs)
            except FileNotFoundError:  # somebody removed folders of a store in use: what we know of them is void
                self._lasting_folders.clear()
                return self._write(blobs)

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Compares the bytes, and costs fsyncs that have little to do when the blobs are durable already."""
        with store_errors("write to", self.where):
            stats = each(lambda digest: self._settle_file(digest, blobs[digest]), blobs)
            right = {digest: found for digest, found in zip(blobs, stats, strict=True) if found is not None}
            self._sync_names({layout.shard_of(digest) for digest in right})
        return right

    def digests(self) -> Iterator[Digest]:
        """Lazy, one folder open at a time."""
        with store_errors("list", self.where):
            _refuse_link(self._artifacts)
            for shard in self._entries(self._artifacts):
                if not shard.is_dir(follow_symlinks=False):
                    continue
                for entry in self._entries(Path(shard)):
                    digest = layout.digest_of(shard.name, entry.name)
                    if digest is not None and entry.is_file(follow_symlinks=False):
                        yield digest

    def delete(self, digest: Digest) -> None:
        """One unlink, and no fsync. Readers that have the blob open keep it."""
        with store_errors("delete from", self.where), suppress(FileNotFoundError):
            self._path(digest).unlink()

    def _write(self, blobs: Mapping[Digest, bytes]) -> dict[Digest, BlobStat]:
        shards = {layout.shard_of(digest) for digest in blobs}
        self._make_folders(shards)
        self._sweep_temporary()
        names = {digest: self._temporary / secrets.token_hex(16) for digest in blobs}
        try:
            stats = each(lambda digest: durable.write_file(names[digest], blobs[digest]), blobs)
            for digest, name in names.items():
                name.replace(self._path(digest))
        finally:
            for name in names.values():
                with suppress(FileNotFoundError):
                    name.unlink()
        self._sync_names(shards)
        return {digest: _blob_stat(found) for digest, found in zip(blobs, stats, strict=True)}

    def _settle_file(self, digest: Digest, data: bytes) -> BlobStat | None:
        descriptor = self._open(digest)
        if descriptor is None:
            return None
        with os.fdopen(descriptor, "rb", buffering=0):
            if not _equals(descriptor, data):
                return None
            durable.sync(descriptor)  # whoever put it there may have been a file copy that never did
            return _blob_stat(os.fstat(descriptor))

    def _sync_names(self, shards: set[str]) -> None:
        """Be sure that the names in *shards* last, whichever process made them."""
        self._make_folders(shards)
        each(lambda shard: durable.sync_folder(self._shard(shard)), shards)

    def _make_folders(self, shards: set[str]) -> None:
        """Have the folders of *shards*, and be sure that they last: another process may just have made them."""
        paths = {self._temporary, self._artifacts, *map(self._shard, shards)} - self._lasting_folders
        if not paths:
            return
        durable.make_folder(self._root)
        for path in sorted(paths):  # parents sort before their children
            durable.make_folder(path)
        each(durable.sync_folder, {path.parent for path in paths})
        self._lasting_folders |= paths

    def _sweep_temporary(self) -> None:
        """Once per process, remove what crashed writers left. Never what a living one may still be writing."""
        if self._swept:
            return
        self._swept = True
        oldest = time.time() - _STALE_S
        with suppress(OSError):  # only housekeeping: no reason to fail a write
            for entry in self._entries(self._temporary):
                if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                    Path(entry).unlink()

    def _open(self, digest: Digest) -> int | None:
        """A descriptor of the blob; None for a missing one, and for anything that is not a plain file."""
        try:
            descriptor = os.open(self._path(digest), _READ)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EISDIR) or self._path(digest).is_symlink():
                return None
            raise
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return None

    def _shard(self, shard: str) -> Path:
        return self._artifacts / shard

    def _path(self, digest: Digest) -> Path:
        """The path of the blob. The only place where a path is made from a digest.

        Raises:
            OSError: (ELOOP) a folder on the way is a symbolic link, which may lead out of the store.
        """
        shard = self._shard(layout.shard_of(digest))
        _refuse_link(self._artifacts)
        _refuse_link(shard)
        return shard / digest.hex

    @staticmethod
    def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                yield from entries
        except FileNotFoundError:  # no folder, no entries
            return


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))


def _blob_stat(found: os.stat_result) -> BlobStat:
    return BlobStat(found.st_size, f"{found.st_ino}-{found.st_mtime_ns}")


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
