"""The newest of many records that come in batches."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...model.executions import ExecutionRecord

NEWER_THAN_ALL = "~"
"""Comes after every id."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records.

    Attributes:
        newest: no record of this or of a later batch has a higher id.
        records: in no particular order.
    """

    newest: str
    records: Sequence[ExecutionRecord]


class Newest:
    """The newest records of those that are added; of several with one id, the one that was added first.

    Args:
        limit: how many are wanted.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._found: dict[str, ExecutionRecord] = {}

    def add(self, records: Iterable[ExecutionRecord]) -> None:
        """Take these into account."""
        for record in records:
            self._found.setdefault(record.id, record)

    def is_complete(self, newest: str) -> bool:
        """Whether records with no higher id than this change nothing."""
        if len(self._found) < self._limit:
            return False
        return heapq.nlargest(self._limit, self._found)[-1] >= newest

    @property
    def records(self) -> list[ExecutionRecord]:
        """As many as are wanted, the newest first."""
        return [self._found[key] for key in heapq.nlargest(self._limit, self._found)]
