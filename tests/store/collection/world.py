"""Servers, documents and files on one store, and a clock that tests turn; everything else is real."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.blobs import Blobs, BlobStat, Entry
from jupyter_crdt_outputs.store.collection.collector import Collector
from jupyter_crdt_outputs.store.collection.digest_set import DigestSet
from jupyter_crdt_outputs.store.collection.marks import write_mark
from jupyter_crdt_outputs.store.collection.members import Member, register
from jupyter_crdt_outputs.store.collection.rules import DAY_S, Rules
from jupyter_crdt_outputs.store.layout import Area
from jupyter_crdt_outputs.store.records import Record, Records
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

HOUR_S = 3600.0
GRACE_S = 14 * DAY_S


class Clock:
    """Turned by hand, in POSIX seconds. It begins now, so that file systems agree at first."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class TimedBlobs(Blobs):
    """The blobs of *inner*, whose times are by *clock*.

    Args:
        inner: real ones.
        clock: that of the file system.
        times: when each was written, moved or touched; shared by all that stand for the same place.
        before_change: called with the name of a method before it changes anything; may raise, as a crash does.
    """

    def __init__(
        self,
        inner: Blobs,
        clock: Callable[[], float],
        times: dict[object, float],
        before_change: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._times = times
        self._before_change = before_change
        self._records = TimedRecords(inner.records, clock, times, before_change)

    @property
    def where(self) -> str:
        return self._inner.where

    def stat(self, digest: Digest) -> BlobStat | None:
        return self._timed(digest, self._inner.stat(digest))

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        return self._inner.read(digest, start, stop)

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        self._before_change("write")
        written = self._inner.write(blobs)
        for digest in blobs:
            self._times[Area.ARTIFACTS, digest] = self._clock()
        return {digest: replace(found, modified=self._clock()) for digest, found in written.items()}

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        return self._inner.settle(blobs)

    def entries(self, area: Area = Area.ARTIFACTS, shard: str | None = None) -> Iterator[Entry]:
        for entry in self._inner.entries(area, shard):
            yield replace(entry, modified=self._times[area, entry.digest])

    def shards(self, area: Area = Area.ARTIFACTS) -> list[str]:
        return self._inner.shards(area)

    def entry(self, digest: Digest, area: Area = Area.ARTIFACTS) -> Entry | None:
        entry = self._inner.entry(digest, area)
        return None if entry is None else replace(entry, modified=self._times[area, digest])

    def touch(self, digest: Digest) -> tuple[BlobStat, BlobStat] | None:
        self._before_change("touch")
        before = self.stat(digest)
        touched = self._inner.touch(digest)
        if touched is None or before is None:
            return None
        self._times[Area.ARTIFACTS, digest] = self._clock()
        return before, replace(touched[1], modified=self._clock())

    def move(self, digest: Digest, source: Area, target: Area) -> bool:
        self._before_change("move")
        self._times[target, digest] = self._clock()
        return self._inner.move(digest, source, target)

    def remove(self, digest: Digest, area: Area = Area.ARTIFACTS) -> None:
        self._before_change("remove")
        self._inner.remove(digest, area)

    def flush(self) -> bool:
        return self._inner.flush()

    @property
    def records(self) -> Records:
        return self._records

    def _timed(self, digest: Digest, found: BlobStat | None) -> BlobStat | None:
        return None if found is None else replace(found, modified=self._times[Area.ARTIFACTS, digest])


class TimedRecords(Records):
    """Records whose times are by *clock*."""

    def __init__(
        self,
        inner: Records,
        clock: Callable[[], float],
        times: dict[object, float],
        before_change: Callable[[str], None],
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._times = times
        self._before_change = before_change

    def read(self, kind: str, name: str, start: int = 0, stop: int | None = None) -> bytes | None:
        return self._inner.read(kind, name, start, stop)

    def write(self, kind: str, name: str, data: bytes) -> None:
        self._before_change(f"write {kind}")
        self._inner.write(kind, name, data)
        self._times[kind, name] = self._clock()

    def create(self, kind: str, name: str, data: bytes) -> bool:
        self._before_change(f"create {kind}")
        created = self._inner.create(kind, name, data)
        if created:
            self._times[kind, name] = self._clock()
        return created

    def list(self, kind: str) -> Iterator[Record]:
        for record in self._inner.list(kind):
            yield replace(record, modified=self._times[kind, record.name])

    def delete(self, kind: str, name: str) -> None:
        self._before_change(f"delete {kind}")
        self._inner.delete(kind, name)


class Crashed(BaseException):
    """The process is gone."""


class Crash:
    """Before the change of this number, counted from 1, the process is gone."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, _name: str) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Crashed


@dataclass
class World:
    """One store and what uses it.

    Args:
        inner: the real blobs.
        store_class: what servers put into and read from.
        collector_class: what collects.
    """

    inner: Blobs
    store_class: type[VerifiedStore] = VerifiedStore
    collector_class: type[Collector] = Collector
    clock: Clock = field(default_factory=Clock)
    times: dict[object, float] = field(default_factory=dict)

    def blobs(self, before_change: Callable[[str], None] = lambda _name: None) -> TimedBlobs:
        return TimedBlobs(self.inner, self.clock, self.times, before_change)

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds

    def collector(self, skew_s: float = 0.0, before_change: Callable[[str], None] = lambda _name: None) -> Collector:
        return self.collector_class(self.blobs(before_change), Rules(GRACE_S), lambda: self.clock() + skew_s)

    def is_readable(self, digest: Digest) -> bool:
        """Whether a reader would find it, without looking as one, which would keep it."""
        return any(self.inner.entry(digest, area) is not None for area in (Area.ARTIFACTS, Area.TRASH))

    def where(self, digest: Digest) -> list[Area]:
        return [area for area in Area if self.inner.entry(digest, area) is not None]


class Server:
    """A member, with documents that it has open and files that it does not.

    Args:
        world: where.
        name: of its host.
        skew_s: how far its clock is ahead.
    """

    def __init__(self, world: World, name: str, skew_s: float = 0.0) -> None:
        self.world = world
        self.skew_s = skew_s
        self.documents: dict[str, set[Digest]] = {}
        self.files: dict[str, set[Digest]] = {}
        self.member = register(world.blobs().records, Member(name, name, "/data", "/root", self.now))
        self.start()

    @property
    def now(self) -> float:
        return self.world.clock() + self.skew_s

    def start(self) -> None:
        """Anew, with nothing in memory; documents are opened again."""
        self.store = self.world.store_class(self.world.blobs(), lambda: self.now)
        for digests in self.documents.values():
            self.store.touch(digests)

    def publish(self, document: str, *digests: Digest) -> None:
        """References appear in a document: by a cell, a paste, an undo or a load."""
        self.store.touch(digests)
        self.documents.setdefault(document, set()).update(digests)

    def run(self, document: str, data: bytes) -> Digest:
        """A cell puts out *data*."""
        digest = self.store.put(data)
        self.publish(document, digest)
        return digest

    def reached(self) -> set[Digest]:
        return set().union(*self.documents.values(), *self.files.values())

    def mark(self) -> None:
        write_mark(self.world.blobs().records, self.member.id, self.now, DigestSet(self.reached()))
