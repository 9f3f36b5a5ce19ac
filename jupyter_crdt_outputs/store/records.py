"""What housekeeping writes down in a store: who uses it, what is in use, pinned or removed, who collects."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from ..errors import InvalidDigest
from ..model.digest import Digest

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """A record without its content.

    Attributes:
        name: of the record, one within its kind.
        size: in bytes.
        modified: when it was written last, in POSIX seconds by the store's clock; None where nobody knows.
    """

    name: str
    size: int
    modified: float | None


class Records(ABC):
    """Named byte strings of several kinds in one store, beside its blobs: ``records/<kind>/<name>``.

    A kind or name is made of lower-case letters, digits, dots and hyphens, at most 128 of them; for any other, every
    method raises ``ValueError``. Every method blocks, is thread-safe, and raises :class:`StoreUnavailable` when the
    file system fails.
    """

    @abstractmethod
    def read(self, kind: str, name: str, start: int = 0, stop: int | None = None) -> bytes | None:
        """The bytes from *start* up to *stop* (None: the end); None when there is no such record."""

    @abstractmethod
    def write(self, kind: str, name: str, data: bytes) -> None:
        """Write a record over whatever is there: atomically and durably, as a blob is.

        Raises:
            StoreFull: no room; the old one is still there.
        """

    @abstractmethod
    def create(self, kind: str, name: str, data: bytes) -> bool:
        """Write a record unless there is one of this name, in which case nothing is written: False.

        On a local disk, and where the service can say no, one of several callers gets True. Elsewhere that is only
        very likely, so nothing may depend on it for safety.
        """

    @abstractmethod
    def list(self, kind: str) -> Iterator[Record]:
        """Every record of a kind, in no order."""

    @abstractmethod
    def delete(self, kind: str, name: str) -> None:
        """Remove the record if it is there."""


def path_of(kind: str, name: str) -> str:
    """The path of a record below the folder of all records. Raises ValueError for what can be no record."""
    for each in (kind, name):
        if _NAME.fullmatch(each) is None:
            raise ValueError(f"not the name of a record: {each!r:.140}")
    return f"{kind}/{name}"


def digests_named(records: Records, kind: str) -> set[Digest]:
    """The artifacts that records of *kind* are named by; other names are passed over."""
    found = set()
    for record in records.list(kind):
        with suppress(InvalidDigest):
            found.add(Digest.parse(record.name))
    return found
