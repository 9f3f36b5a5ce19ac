"""Marks: what the documents and files of one member reach, as of a moment.

A mark is a record of its own that never changes, named by the member and the moment. Its form is that of git's pack
indexes: a fan-out table by the first byte, then all digests, sorted; so a collector reads what it needs for one shard.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock

from ...errors import StoreUnavailable
from ..records import Records
from .digest_set import DIGEST_BYTES, DigestSet, split

KIND = "marks"
_MAGIC = b"crdt-outputs mark 1\n"
_FAN_OUT = struct.Struct(">256I")
_HEADER_BYTES = len(_MAGIC) + _FAN_OUT.size
_READ_BYTES = 1 << 23


@dataclass(frozen=True, slots=True)
class Mark:
    """A member's mark, as its name tells.

    Attributes:
        member: id of the member.
        began: when the member began to look, in POSIX seconds; by its own clock, but not later than the record was
            written by the clock of the store.
        name: of the record.
    """

    member: str
    began: float
    name: str


def write_mark(records: Records, member: str, began: float, reached: DigestSet) -> Mark:
    """Write a mark, whole or not at all, and then remove the member's others.

    Args:
        records: of the store.
        member: id of the member.
        began: POSIX seconds; nothing that was referred to then, and still is, may be absent.
        reached: every digest that the member's roots reach.

    Raises:
        StoreFull, StoreUnavailable: the mark before this one stands.
    """
    buckets = [reached.bucket(number) for number in range(256)]
    counts, total = [], 0
    for bucket in buckets:
        total += len(bucket) // DIGEST_BYTES
        counts.append(total)
    data = b"".join([_MAGIC, _FAN_OUT.pack(*counts), *buckets])
    milliseconds = int(began * 1000)
    mark = Mark(member, milliseconds / 1000, f"{member}.{milliseconds:014d}")
    records.write(KIND, mark.name, data + hashlib.sha256(data).digest())
    for other in marks_of(records):
        if other.member == member and other.name != mark.name:
            records.delete(KIND, other.name)
    return mark


def marks_of(records: Records) -> list[Mark]:
    """Every mark in the store. A member has two while it puts one in the place of another: both count."""
    marks = []
    for record in records.list(KIND):
        member, separator, began = record.name.rpartition(".")
        if separator and began.isdecimal():
            at = int(began) / 1000
            marks.append(Mark(member, at if record.modified is None else min(at, record.modified), record.name))
    return marks


class MarkReader:
    """A copy of a mark on the local disk, read shard by shard: its member may replace it meanwhile.

    Args:
        records: of the store.
        mark: the mark.

    Raises:
        StoreUnavailable: it is gone, since its member has just written a newer one, or damaged.
    """

    def __init__(self, records: Records, mark: Mark) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - as long as this object
        self._lock = Lock()
        self._name = mark.name
        try:
            self._copy(records)
        except BaseException:
            self.close()
            raise

    def shard(self, number: int) -> set[bytes]:
        """The digests whose first byte is *number*, 32 bytes each."""
        start, stop = (_HEADER_BYTES + count * DIGEST_BYTES for count in self._counts[number : number + 2])
        with self._lock:
            self._file.seek(start)
            return set(split(self._file.read(stop - start)))

    def close(self) -> None:
        """Remove the copy."""
        self._file.close()

    def __len__(self) -> int:
        return int(self._counts[256])

    def _copy(self, records: Records) -> None:
        hashed, rest = hashlib.sha256(), b""
        for start in itertools.count(0, _READ_BYTES):
            data = records.read(KIND, self._name, start, start + _READ_BYTES)
            if data is None:
                raise StoreUnavailable(f"the mark {self._name} was replaced by a newer one: try again")
            self._file.write(data)
            rest += data
            hashed.update(rest[: -hashed.digest_size])
            rest = rest[-hashed.digest_size :]
            if len(data) < _READ_BYTES:
                break
        self._file.seek(0)
        header = self._file.read(_HEADER_BYTES)
        if rest != hashed.digest() or not header.startswith(_MAGIC):
            raise StoreUnavailable(
                f"the mark {self._name} is damaged: start its server, or run `gc --delete` there, to write a new one"
            )
        self._counts = (0, *_FAN_OUT.unpack(header[len(_MAGIC) :]))
