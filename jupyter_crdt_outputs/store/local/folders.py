"""The folders of a local store: made to last, cleared of what crashes left, and left by no symbolic link."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ...model.digest import Digest
from .. import durable, layout
from ..blobs import Entry
from ..layout import Area
from ..parallel import each
from . import plain_files

T = TypeVar("T")

# No put takes this long, so an older temporary file has lost its writer. Clocks of two machines that share a folder
# may differ by hours, not by days.
_STALE_S = 2 * 24 * 3600

# So long a folder is taken for what it was. Who could put a link in its place meanwhile could read its files as well.
_LOOK_S = 1.0


class LocalFolders:
    """The folders below *root*. Thread-safe; other processes may make and fill the same ones at the same time.

    Attributes:
        root: with every link on the way to it resolved.
        temporary: where files are written before they get their final name.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.temporary = self.root / layout.TEMPORARY
        self._shards: dict[tuple[Area, str], Path] = {}  # making a path takes as long as a system call
        self._lasting: set[Path] = set()
        self._looked_at: dict[Path, float] = {}
        self._swept = False

    def path(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Path:
        """The path of a blob. The only place where a path is made from a digest.

        Raises:
            OSError: (ELOOP) a folder on the way is a symbolic link, which may lead out of the store.
        """
        shard = self._shard(layout.shard_of(digest), area)
        now = time.monotonic()
        # Each look lets other threads take the interpreter, which on a busy server costs more than the look.
        if now - self._looked_at.get(shard, -_LOOK_S) >= _LOOK_S:
            _refuse_link(shard.parent)
            _refuse_link(shard)
            self._looked_at[shard] = now
        return shard / digest.hex

    def entries(self, area: Area, shard: str | None = None) -> Iterator[Entry]:
        """Every plain file that is named and placed as a blob of an area."""
        for name in self.shards(area):
            for entry in plain_files.inside(self._shard(name, area)) if shard in (None, name) else ():
                digest = layout.digest_of(name, entry.name)
                if digest is not None:
                    with suppress(FileNotFoundError):  # it went meanwhile
                        found = entry.stat(follow_symlinks=False)
                        yield Entry(digest, found.st_size, found.st_mtime)

    def shards(self, area: Area) -> list[str]:
        """The folders of an area, links among them excepted."""
        _refuse_link(self.root / area.value)
        found = plain_files.entries(self.root / area.value)
        return sorted(entry.name for entry in found if entry.is_dir(follow_symlinks=False))

    def make(self, shards: set[str], area: Area = Area.ARTIFACTS) -> None:
        """Have the folders of *shards*, and be sure that they last: another process may just have made them."""
        self.make_folders({self.root / area.value, *(self._shard(shard, area) for shard in shards)})

    def make_folders(self, folders: set[Path]) -> None:
        """Have these folders below the root, and the one for temporary files, and be sure that they last."""
        paths = {self.temporary, *folders} - self._lasting
        if not paths:
            return
        durable.make_folder(self.root)
        for path in sorted(paths):  # parents sort before their children
            durable.make_folder(path)
        each(durable.sync_folder, {path.parent for path in paths})
        self._lasting |= paths
        self._sweep()

    def sync_names(self, shards: set[str], area: Area = Area.ARTIFACTS) -> None:
        """Be sure that the names in *shards* last, whichever process made them."""
        self.make(shards, area)
        each(lambda shard: durable.sync_folder(self._shard(shard, area)), shards)

    def named(self, give_names: Callable[[], T]) -> T:
        """Do what gives files their names; again, if somebody removed folders of a store in use."""
        try:
            return give_names()
        except FileNotFoundError:  # what is known of folders is void
            self.forget()
            return give_names()

    def forget(self) -> None:
        """Know nothing of folders any more: somebody may have removed some of a store in use."""
        self._lasting.clear()

    def _shard(self, shard: str, area: Area) -> Path:
        path = self._shards.get((area, shard))
        if path is None:
            path = self._shards[area, shard] = self.root / area.value / shard
        return path

    def _sweep(self) -> None:
        """Once per process, remove what crashed writers left. Never what a living one may still be writing."""
        if self._swept:
            return
        self._swept = True
        oldest = time.time() - _STALE_S
        with suppress(OSError):  # only housekeeping: no reason to fail a write
            for entry in plain_files.inside(self.temporary):
                if entry.stat(follow_symlinks=False).st_mtime < oldest:
                    Path(entry).unlink()


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
