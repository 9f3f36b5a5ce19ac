"""The records of executions that are not in the store yet."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...model.executions import ExecutionRecord
from ...model.kept_outputs import KeptOutputs, json_of

Outputs = Sequence[Mapping[str, Any]]


class Unsealed:
    """The newest state of each record, and the outputs that are still to be kept with some. Thread-safe."""

    def __init__(self) -> None:
        self._records: dict[str, ExecutionRecord] = {}
        self._to_keep: dict[str, Outputs] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._records)

    def put(self, record: ExecutionRecord, outputs: Outputs = ()) -> bool:
        """Have the present state of a record. Whether its outputs are the first that wait to be kept."""
        with self._lock:
            self._records[record.id] = record
            if not outputs:
                return False
            is_first = not self._to_keep
            self._to_keep[record.id] = outputs
            return is_first

    def add_older(self, records: Iterable[ExecutionRecord]) -> None:
        """Have these, too, but for those of which a newer state is known."""
        with self._lock:
            self._records = {record.id: record for record in records} | self._records

    def all(self, *, with_outputs: bool = False) -> list[ExecutionRecord]:
        """All of them; if asked for, as they will be when their outputs are kept."""
        with self._lock:
            records = list(self._records.values())
            to_keep = dict(self._to_keep) if with_outputs else {}
        return [_with_outputs(record, to_keep.get(record.id)) for record in records]

    def to_keep(self) -> list[tuple[str, Outputs]]:
        """The outputs that wait to be kept, by the id of their execution."""
        with self._lock:
            return list(self._to_keep.items())

    def kept(self, record_id: str, kept: KeptOutputs | None) -> ExecutionRecord | None:
        """The outputs of an execution wait no longer. Its record, if it is another one by that."""
        with self._lock:
            del self._to_keep[record_id]
            if kept is None:
                return None
            record = self._records[record_id] = self._records[record_id]._replace(kept=kept)
            return record

    def ended(self) -> list[ExecutionRecord]:
        """Those that change no more, in the order of their ids."""
        with self._lock:
            ended = [each for each in self._records.values() if each.is_finished and each.id not in self._to_keep]
        return sorted(ended, key=lambda record: record.id)

    def drop(self, records: Iterable[ExecutionRecord]) -> None:
        """These are elsewhere now; one that has become another meanwhile stays."""
        with self._lock:
            for record in records:
                if self._records.get(record.id) is record and record.id not in self._to_keep:
                    del self._records[record.id]


def _with_outputs(record: ExecutionRecord, outputs: Outputs | None) -> ExecutionRecord:
    if outputs is None or json_of(outputs) is None:
        return record
    return record._replace(kept=KeptOutputs(inline=list(outputs)))
