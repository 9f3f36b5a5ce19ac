"""The history in the store: segments of some hundred records, written once, the oldest removed in time."""

from __future__ import annotations

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ulid import ULID

from ...model.executions import ExecutionRecord
from ..records import Records
from .tail import line_of

KIND = "executions"

_KEPT = 64


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """A segment by its name.

    Attributes:
        newest: the id of its last record.
        count: how many records it has.
    """

    newest: str
    count: int

    @property
    def name(self) -> str:
        """Of the record in the store."""
        return f"{self.newest.lower()}.{self.count}"

    @property
    def time(self) -> float:
        """When its last record began, in POSIX seconds."""
        return ULID.from_str(self.newest).timestamp

    @classmethod
    def parse(cls, name: str) -> Segment:
        """Raises ValueError for what is no segment."""
        newest, _, count = name.partition(".")
        ULID.from_str(newest.upper())
        return cls(newest.upper(), int(count))


class Segments:
    """The segments of all servers in one store. Every method blocks, and raises StoreUnavailable when that fails.

    Args:
        records: of the store.
        most: how many records are kept.
        age_s: for how long.
        clock: POSIX seconds.
    """

    def __init__(self, records: Records, most: int, age_s: float, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._most = most
        self._age_s = age_s
        self._clock = clock
        self._read: OrderedDict[str, bytes] = OrderedDict()

    def write(self, records: Sequence[ExecutionRecord]) -> None:
        """Write a segment of these, which are in the order of their ids, and remove what is too old or too much."""
        segment = Segment(records[-1].id, len(records))
        self._records.write(KIND, segment.name, gzip.compress(b"".join(map(line_of, records)), 6, mtime=0))
        self.prune()

    def prune(self) -> None:
        """Remove what is too old or too much: whole segments only, and never the newest."""
        kept = 0
        for index, segment in enumerate(self._list()):
            kept += segment.count
            if index and (kept > self._most or self._clock() - segment.time > self._age_s):
                self._records.delete(KIND, segment.name)
                self._read.pop(segment.name, None)

    def __iter__(self) -> Iterator[tuple[Segment, list[bytes]]]:
        """Each segment with its lines, the newest first; one that is removed meanwhile or damaged is passed over."""
        for segment in self._list():
            with suppress(EOFError, OSError):
                data = self._read.get(segment.name) or self._records.read(KIND, segment.name)
                if data is not None:
                    self._read[segment.name] = data
                    while len(self._read) > _KEPT:
                        self._read.popitem(last=False)
                    yield segment, gzip.decompress(data).splitlines()

    def _list(self) -> list[Segment]:
        found = []
        for record in self._records.list(KIND):
            with suppress(ValueError):
                found.append(Segment.parse(record.name))
        return sorted(found, reverse=True)
