"""The folders of a local store: made to last, cleared of what crashes left, and left by no symbolic link."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..model.digest import Digest
from . import durable, layout
from .parallel import each

# No put takes this long, so an older temporary file has lost its writer. Clocks of two machines that share a folder
# may differ by hours, not by days.
_STALE_S = 2 * 24 * 3600


class LocalFolders:
    """The folders below *root*. Thread-safe; other processes may make and fill the same ones at the same time.

    Attributes:
        root: with every link on the way to it resolved.
        temporary: where files are written before they get their final name.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.temporary = self.root / layout.TEMPORARY
        self._artifacts = self.root / layout.ARTIFACTS
        self._lasting: set[Path] = set()
        self._swept = False

    def path(self, digest: Digest) -> Path:
        """The path of an artifact. The only place where a path is made from a digest.

        Raises:
            OSError: (ELOOP) a folder on the way is a symbolic link, which may lead out of the store.
        """
        shard = self._shard(layout.shard_of(digest))
        _refuse_link(self._artifacts)
        _refuse_link(shard)
        return shard / digest.hex

    def artifacts(self) -> Iterator[Digest]:
        """Every plain file that is named and placed as an artifact."""
        _refuse_link(self._artifacts)
        for shard in _entries(self._artifacts):
            if not shard.is_dir(follow_symlinks=False):
                continue
            for entry in _entries(Path(shard)):
                digest = layout.digest_of(shard.name, entry.name)
                if digest is not None and entry.is_file(follow_symlinks=False):
                    yield digest

    def make(self, shards: set[str]) -> None:
        """Have the folders of *shards*, and be sure that they last: another process may just have made them."""
        paths = {self.temporary, self._artifacts, *map(self._shard, shards)} - self._lasting
        if not paths:
            return
        durable.make_folder(self.root)
        for path in sorted(paths):  # parents sort before their children
            durable.make_folder(path)
        each(durable.sync_folder, {path.parent for path in paths})
        self._lasting |= paths
        self._sweep()

    def sync_names(self, shards: set[str]) -> None:
        """Be sure that the names in *shards* last, whichever process made them."""
        self.make(shards)
        each(lambda shard: durable.sync_folder(self._shard(shard)), shards)

    def forget(self) -> None:
        """Know nothing any more: somebody removed folders of a store in use."""
        self._lasting.clear()

    def _shard(self, shard: str) -> Path:
        return self._artifacts / shard

    def _sweep(self) -> None:
        """Once per process, remove what crashed writers left. Never what a living one may still be writing."""
        if self._swept:
            return
        self._swept = True
        oldest = time.time() - _STALE_S
        with suppress(OSError):  # only housekeeping: no reason to fail a write
            for entry in _entries(self.temporary):
                if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                    Path(entry).unlink()


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:  # no folder, no entries
        return
