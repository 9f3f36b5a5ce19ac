"""Artifacts of a store that is far away, kept here for as long as there is room."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from ...errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError
from ...model.digest import Digest
from .. import durable, layout
from ..artifact_store import ArtifactStore
from ..failures import store_errors
from ..local import LocalBlobs
from ..verified_store import VerifiedStore

T = TypeVar("T")

_KEPT_AFTER_EVICTION = 0.9
_TOUCHED_EVERY_S = 3600.0


@dataclass(slots=True)
class _Kept:
    size: int
    confirmed_at: float
    """When the store was last known to have it."""
    used_at: float


class Cache:
    """A folder of artifacts of which the least recently used go first. Losing it costs time and nothing else.

    What it gives was hashed in this process. Files are not synchronised: one that a power failure damaged is found
    out by its hash, and fetched again. Several processes may share the folder.

    Args:
        folder: made at the first write.
        max_bytes: what it may hold; exceeded for moments, and by what other processes add at the same time.

    Attributes:
        max_bytes: as given.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self.max_bytes = max_bytes
        self._store = VerifiedStore(LocalBlobs(folder))
        self._lock = threading.RLock()
        self._kept: OrderedDict[Digest, _Kept] = OrderedDict()
        self._bytes = 0
        self._added = 0
        self._is_listed = False

    def is_confirmed(self, digest: Digest, since: float) -> bool:
        """Whether the artifact is kept, and was known to be in the store at *since* (POSIX seconds) or later."""
        kept = self._find(digest)
        return kept is not None and kept.confirmed_at >= since and self._path(digest).is_file()

    def ask(self, digest: Digest, question: Callable[[ArtifactStore], T]) -> T | None:
        """What a store of the artifacts that are kept answers; None when it is not kept, or not any more."""
        kept = self._find(digest)
        if kept is None:
            return None
        try:
            answer = question(self._store)
        except ArtifactMissing:  # another process let it go
            self._forget(digest)
            return None
        except CrdtOutputsError:  # damaged, or not to be read: as good as lost
            self.drop(digest)
            return None
        self._used(digest, kept)
        return answer

    def take(self, digest: Digest, path: Path, size: int) -> None:
        """Move in the file *path* of an artifact that the store has got now. A missing file is no error."""
        target = self._path(digest)
        target.parent.mkdir(durable.FOLDER_MODE, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            os.utime(path)
            path.replace(target)
        self._add(digest, size)

    def fill(self, digest: Digest, chunks: Iterable[bytes]) -> None:
        """Keep what the store sent, once it has proved to be *digest*.

        Raises:
            ArtifactCorrupt: it is something else, and is not kept.
            StoreFull, StoreUnavailable: the local disk does not take it.
        """
        aside = self._folder / layout.TEMPORARY / secrets.token_hex(16)
        hashed, size = sha256(), 0
        try:
            with store_errors("write to", str(self._folder)):
                aside.parent.mkdir(durable.FOLDER_MODE, parents=True, exist_ok=True)
                aside.touch(durable.FILE_MODE, exist_ok=False)
                with aside.open("wb") as file:
                    for chunk in chunks:
                        hashed.update(chunk)
                        size += file.write(chunk)
            if hashed.hexdigest() != digest.hex:
                raise ArtifactCorrupt(f"what the artifact store sent for {digest} does not hash to it")
            with store_errors("write to", str(self._folder)):
                self.take(digest, aside, size)
        finally:
            aside.unlink(missing_ok=True)

    def drop(self, digest: Digest) -> None:
        """Keep it no longer."""
        self._path(digest).unlink(missing_ok=True)
        self._forget(digest)

    def _find(self, digest: Digest) -> _Kept | None:
        with self._lock:
            if not self._is_listed:
                self._list()
            return self._kept.get(digest)

    def _list(self) -> None:
        """Learn what lies there, with the times that an earlier process, or another one, left on the files."""
        known = self._kept
        found = []
        for path in (self._folder / layout.Area.ARTIFACTS.value).glob("??/*"):
            digest = layout.digest_of(path.parent.name, path.name)
            if digest is not None:
                with suppress(FileNotFoundError):
                    stat = path.stat()
                    used_at = max(stat.st_mtime, stat.st_atime, known[digest].used_at if digest in known else 0)
                    found.append((digest, _Kept(stat.st_size, stat.st_mtime, used_at)))
        self._kept = OrderedDict(sorted(found, key=lambda entry: entry[1].used_at))
        self._bytes = sum(kept.size for kept in self._kept.values())
        self._added = 0
        self._is_listed = True

    def _add(self, digest: Digest, size: int) -> None:
        with self._lock:
            self._find(digest)
            self._forget(digest)
            now = time.time()
            self._kept[digest] = _Kept(size, now, now)
            self._bytes += size
            self._added += size
            if self._added > self.max_bytes // 10:
                self._list()  # others may have added as well
            if self._bytes > self.max_bytes:
                self._evict()

    def _evict(self) -> None:
        for digest in list(self._kept):
            if self._bytes <= self.max_bytes * _KEPT_AFTER_EVICTION:
                break
            with suppress(OSError):
                self.drop(digest)

    def _used(self, digest: Digest, kept: _Kept) -> None:
        now = time.time()
        if now - kept.used_at > _TOUCHED_EVERY_S:
            with suppress(OSError):  # for the next process; this one knows
                os.utime(self._path(digest), (now, kept.confirmed_at))
        with self._lock:
            kept.used_at = now
            if digest in self._kept:
                self._kept.move_to_end(digest)

    def _forget(self, digest: Digest) -> None:
        with self._lock:
            kept = self._kept.pop(digest, None)
            self._bytes -= kept.size if kept else 0

    def _path(self, digest: Digest) -> Path:
        return self._folder / layout.key_of(digest)
