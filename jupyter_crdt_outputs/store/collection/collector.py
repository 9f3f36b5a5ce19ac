"""The collector: looks at every blob of a store once, a few shards at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing

from ..blobs import Blobs
from ..layout import SHARDS, Area
from ..parallel import each
from ..records import Records
from ..tombstones import tombstones_of
from . import lease as leases
from .lease import Lease, leased
from .marks import MarkReader, marks_of
from .members import members_of
from .pins import pins_of
from .report import MemberReport, Report
from .rules import Rules, words_of
from .sweep import Sweep

_SHARDS_AT_ONCE = 8

Progress = Callable[[int, int, Report], object]
"""Called with the shards done, the shards in all and the report so far."""


class Collector:
    """Collects in one store by :mod:`.rules`. Blocking; may be killed at any moment, and run by several at once.

    Args:
        blobs: of the store itself, not of a cache or a spool in front of it.
        rules: how long things are kept.
        clock: POSIX seconds.
    """

    def __init__(self, blobs: Blobs, rules: Rules, clock: Callable[[], float] = time.time) -> None:
        self._blobs = blobs
        self._rules = rules
        self._clock = clock

    def look(self, progress: Progress | None = None) -> Report:
        """What :meth:`collect` would do now. Writes nothing.

        Raises:
            StoreUnavailable: try again.
        """
        return self._run(None, progress)

    def collect(self, progress: Progress | None = None) -> Report:
        """Move to the trash what nothing refers to, and remove for good what has been there long enough.

        Raises:
            CollectionRunning: another collector is at work.
            StoreUnavailable: what was done is done; the next collection goes on.
        """
        with leased(self._blobs.records, self._clock) as lease:
            return self._run(lease, progress)

    def _run(self, lease: Lease | None, progress: Progress | None) -> Report:
        records = self._blobs.records
        members = members_of(records)
        marks = marks_of(records)
        report = Report(lease is None, self._rules.cutoff(members, marks))
        with ExitStack() as copies:
            readers = [copies.enter_context(closing(MarkReader(records, mark))) for mark in marks]
            reaches = {mark.member: len(reader) for mark, reader in zip(marks, readers, strict=True)}
            report.members += [
                MemberReport(member.id, member.host, member.root_dir, member.since, word, reaches.get(member.id, 0))
                for member, word in words_of(members, marks)
            ]
            sweep = Sweep(
                self._blobs,
                report,
                reached=lambda number: set().union(*(reader.shard(number) for reader in readers)),
                pins=pins_of(records),
                tombstones=tombstones_of(records),
                fresh=self._rules.fresh(self._store_now(records)),
            )
            shards = sorted({*self._blobs.shards(Area.ARTIFACTS), *self._blobs.shards(Area.TRASH)} & set(SHARDS))
            for first in range(0, len(shards), _SHARDS_AT_ONCE):
                some = shards[first : first + _SHARDS_AT_ONCE]
                each(sweep.shard, some)
                if lease is not None:
                    lease.renew()
                if progress is not None:
                    progress(first + len(some), len(shards), report)
            sweep.quarantine()
        return report

    def _store_now(self, records: Records) -> float:
        """By the store's own clock where it has just written the lease."""
        times = [record.modified for record in records.list(leases.KIND) if record.name == leases.NAME]
        return min([self._clock(), *(time for time in times if time is not None)])
