"""What is asked of the history."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ...model.executions import ExecutionRecord


@dataclass(frozen=True, slots=True)
class Query:
    """Which records are wanted; None for any.

    Attributes:
        file_id: of the notebook. A record matches by this or by *path*.
        path: of the notebook.
        before: only such as have a lower id, which are older.
        has_outputs: only such of which outputs are kept.
    """

    id: str | None = None
    file_id: str | None = None
    path: str | None = None
    cell: str | None = None
    run: str | None = None
    kernel: str | None = None
    status: str | None = None
    before: str | None = None
    has_outputs: bool = False

    def matches(self, record: ExecutionRecord) -> bool:
        """Whether a record is one of them."""
        if self.path is not None or self.file_id is not None:
            is_of_file = self.file_id is not None and record.file_id == self.file_id
            if not is_of_file and (self.path is None or record.path != self.path):
                return False
        names = ("id", "cell", "run", "kernel", "status")
        if any((value := getattr(self, name)) is not None and getattr(record, name) != value for name in names):
            return False
        if self.has_outputs and record.kept is None:
            return False
        return self.before is None or record.id < self.before

    def may_match(self, line: bytes) -> bool:
        """Whether the line of a record may be one of them, told without parsing it."""
        of_notebook = [json.dumps(value).encode() for value in (self.path, self.file_id) if value is not None]
        if of_notebook and not any(value in line for value in of_notebook):
            return False
        if self.has_outputs and not may_be_kept(line):
            return False
        return all(
            json.dumps(value).encode() in line
            for value in (self.id, self.cell, self.run, self.kernel, self.status)
            if value is not None
        )


def may_be_kept(line: bytes) -> bool:
    """Whether outputs may be kept with the record of a line, told without parsing it."""
    return b'"outputs":' in line
