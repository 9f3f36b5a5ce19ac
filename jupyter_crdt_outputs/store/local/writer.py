"""Writing blobs so that they last: each with an fsync of its own, or many small ones with one for all of them."""

from __future__ import annotations

import errno
import os
import secrets
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from ...model.digest import Digest
from .. import durable, layout
from ..failures import store_errors
from ..parallel import each
from . import commit_log, plain_files
from .commit_log import CommitLog
from .folders import LocalFolders

_SMALL_BYTES = 1 << 18
_MANY = 4
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


class BlobWriter:
    """Writes blobs into *folders*: a temporary file, its fsync, a rename, the fsync of the folder.

    Many small blobs at once are synchronised together, in a commit log that stands for them until their files are on
    the disk as well. Thread-safe.

    Args:
        folders: of the store.
        is_wanted: whether a blob of a commit log may be written again; what was purged since it was committed may not.
    """

    def __init__(self, folders: LocalFolders, is_wanted: Callable[[Digest], bool]) -> None:
        self._folders = folders
        self._is_wanted = is_wanted
        self._commits = CommitLog(folders.root / layout.COMMITS, self._sync)
        self._recovery = threading.Lock()
        self._is_recovered = False

    def recover(self) -> None:
        """Have all back that was ever acknowledged: a power failure may have taken what a commit log still has.

        Once in a process; nothing is to be read or written before.
        """
        if self._is_recovered or not commit_log.is_possible():
            return
        with self._recovery:  # else a second thread would pass over the commit file that the first has locked
            if not self._is_recovered:
                with suppress(PermissionError):  # a store that is only read
                    self._commits.recover(self._rewrite)
                self._is_recovered = True

    def write(self, blobs: Mapping[Digest, bytes]) -> dict[Digest, os.stat_result]:
        """Write each blob over whatever is there, and give the stats of the files.

        One fsync for each blob and one for each folder, several at a time; one for all blobs that are small.

        Raises:
            OSError: no part of any blob is left, under any name.
        """
        small = {digest: data for digest, data in blobs.items() if len(data) <= _SMALL_BYTES}
        if len(small) < _MANY or not commit_log.is_possible():
            small = {}
        rest = {digest: data for digest, data in blobs.items() if digest not in small}
        written = self._write(rest) if rest else {}
        return {**written, **self._write_together(small)} if small else written

    def settle(self, blobs: Mapping[Digest, bytes]) -> dict[Digest, os.stat_result]:
        """Make blobs durable that are there already; gives the stats of those that are, byte for byte, what is given.

        Costs fsyncs that have little to do when the blobs are durable already.

        Raises:
            StoreUnavailable: they may not be durable.
        """
        with store_errors("write to", str(self._folders.root)):
            stats = each(lambda digest: self._settle(digest, blobs[digest]), blobs)
            right = {digest: found for digest, found in zip(blobs, stats, strict=True) if found is not None}
            self._folders.sync_names({layout.shard_of(digest) for digest in right})
        return right

    def flush(self) -> bool:
        """Synchronise what this process has written lately; whether no commit log is left, also not of another one."""
        return self._commits.flush()

    def _write_together(self, blobs: Mapping[Digest, bytes]) -> dict[Digest, os.stat_result]:
        try:
            with self._commits.committed(blobs):
                return self._write(blobs, synced=False)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return self._write(blobs)

    def _write(self, blobs: Mapping[Digest, bytes], *, synced: bool = True) -> dict[Digest, os.stat_result]:
        return self._folders.named(lambda: self._write_files(blobs, synced))

    def _write_files(self, blobs: Mapping[Digest, bytes], synced: bool) -> dict[Digest, os.stat_result]:
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
        return dict(zip(blobs, stats, strict=True))

    def _rewrite(self, blobs: Mapping[Digest, bytes]) -> None:
        wanted = {digest: data for digest, data in blobs.items() if self._is_wanted(digest)}
        present = self.settle(wanted)
        self._write({digest: data for digest, data in wanted.items() if digest not in present})

    def _settle(self, digest: Digest, data: bytes) -> os.stat_result | None:
        with plain_files.opened(self._folders.path(digest)) as descriptor:
            if descriptor is None or not plain_files.equals(descriptor, data):
                return None
            if sys.platform != "win32":  # which synchronises only what is open for writing
                durable.sync(descriptor)  # whoever put it there may have been a file copy that never did
            return os.fstat(descriptor)

    def _sync(self, digests: Sequence[Digest]) -> None:
        """Make sure that blobs which are there are durable."""
        found = zip(digests, each(self._sync_file, digests), strict=True)
        shards = {layout.shard_of(digest) for digest, is_there in found if is_there}
        if shards:
            self._folders.sync_names(shards)

    def _sync_file(self, digest: Digest) -> bool:
        with plain_files.opened(self._folders.path(digest)) as descriptor:
            if descriptor is None:
                return False
            durable.sync(descriptor)
            return True
