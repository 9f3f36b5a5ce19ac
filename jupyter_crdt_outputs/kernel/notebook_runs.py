"""What has run of one notebook."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence

from ..model.executions import ExecutionRecord
from ..model.freshness import Run

_MOST_RUNS = 16

Restarts = Mapping[str, Sequence[str]]
"""When kernels were restarted, by their ids; UTC, ISO 8601, in order."""


class NotebookRuns:
    """The last runs of each cell of a notebook, as its records tell them.

    Attributes:
        records: those of each cell that was sent to a kernel, the newest last.
        of: the runs of each cell, the oldest first.
    """

    def __init__(self) -> None:
        self.records: dict[str, list[ExecutionRecord]] = {}
        self.of: dict[str, list[Run]] = {}
        self._counts: dict[str, tuple[int, int]] = {}

    def copy(self) -> NotebookRuns:
        """The same, to be added to."""
        other = NotebookRuns()
        other.records, other.of, other._counts = dict(self.records), dict(self.of), dict(self._counts)
        return other

    def add(self, records: Iterable[ExecutionRecord], restarts: Restarts) -> None:
        """Note executions, none of which has begun before those that are known."""
        for record in sorted(records, key=lambda record: (record.started_at or record.queued_at, record.id)):
            if record.source_sha256 is None:  # it was never sent
                continue
            others = [known for known in self.records.get(record.cell, ()) if known.id != record.id]
            self.records[record.cell] = sorted([*others, record], key=lambda each: each.id)[-_MOST_RUNS:]
            at = record.started_at or (
                record.ended_at if record.status == "ok" else None
            )  # nothing begins that is empty
            if at is not None:
                self._count(record)
                process = self.process(record.kernel, restarts, at)
                run = Run(record.cell_sha256 or record.source_sha256, at, process, record.status == "ok")
                self.of[record.cell] = [*self.of.get(record.cell, ())[1 - _MOST_RUNS :], run]

    def process(self, kernel_id: str, restarts: Restarts, at: str = "~") -> str:
        """What the life of a kernel is called that goes on at a moment; now, if none is given."""
        _, resets = self._counts.get(kernel_id, (0, 0))
        return f"{kernel_id} {resets} {bisect(restarts.get(kernel_id, ()), at)}"

    def _count(self, record: ExecutionRecord) -> None:
        """Notice that a kernel was restarted while nobody saw it: it keeps its id, and counts from 1 again."""
        count, (last, resets) = record.execution_count, self._counts.get(record.kernel, (0, 0))
        if count is not None:
            self._counts[record.kernel] = count, resets + (count <= last)
