"""The history of executions: what this server knows, and what the store has of all servers."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from ...errors import CrdtOutputsError
from ...model.executions import ExecutionRecord
from ...model.kept_outputs import KeptOutputs
from ..records import Records
from .segments import Segments
from .tail import Tail, newest

_SEGMENT = 500
_SEAL_S = 600.0
_MOST_WAITING = 50_000
_GATHER_S = 0.05

Outputs = Sequence[Mapping[str, Any]]


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


class History:
    """Keeps the records of executions; bounded in number and age, and never in anybody's way.

    A record is in a local file within moments of every change, and goes to the store with some hundred others, at most
    ten minutes after it has ended, or when the server stops. What a server that was killed left is taken over by
    the next one on its data directory; what had not ended is then *interrupted*.

    Args:
        records: gives the records of the store; blocks, and raises StoreUnavailable.
        folder: for the local file.
        most: how many records are kept in the store.
        age_s: for how long.
        log: for what fails.
        clock: POSIX seconds.
        keep: keeps the outputs of an execution with its record. Called in the thread that writes; must not raise.
    """

    def __init__(
        self,
        records: Callable[[], Records],
        folder: Path,
        most: int,
        age_s: float,
        log: logging.Logger,
        clock: Callable[[], float] = time.time,
        keep: Callable[[Outputs], KeptOutputs | None] = lambda _outputs: None,
    ) -> None:
        self._keep = keep
        self._open = records
        self._most = most
        self._age_s = age_s
        self._log = log
        self._clock = clock
        self._tail = Tail(folder)
        self._known: dict[str, ExecutionRecord] = {}
        self._sealed_at = clock()
        self._segments: Segments | None = None
        self._lock = threading.Lock()
        self._queue: SimpleQueue[tuple[ExecutionRecord, Outputs] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="history", daemon=True)
        self._is_failing = False

    def start(self) -> None:
        """Begin to write, and take over what a killed server left."""
        self._thread.start()

    def put(self, record: ExecutionRecord, outputs: Outputs = ()) -> None:
        """Keep the present state of a record, and the outputs of one that has ended. Never waits, never raises."""
        self._queue.put((record, outputs))

    @property
    def is_idle(self) -> bool:
        """Whether all that was put is in the local file, or as good as there."""
        return self._queue.empty()

    def stop(self) -> None:
        """Bring all that has ended to the store, or leave it to the next server. Blocks."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def find(self, query: Query, limit: int) -> list[ExecutionRecord]:
        """Records, the newest first. Blocks.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found: dict[str, ExecutionRecord] = {}
        with self._lock:
            known = list(self._known.values())
        found |= {record.id: record for record in known if query.matches(record)}
        if query.id is None or not found:
            for records in self._stored(query):
                if len(found) >= limit and not any(record.id > min(found) for record in records):
                    break
                found = {record.id: record for record in records} | found
        return [found[key] for key in sorted(found, reverse=True)[:limit]]

    def _stored(self, query: Query) -> Iterator[list[ExecutionRecord]]:
        for lines in self._opened():
            yield [
                record for record in newest(line for line in lines if query.may_match(line)) if query.matches(record)
            ]

    def _opened(self) -> Segments:
        if self._segments is None:
            self._segments = Segments(self._open(), self._most, self._age_s, self._clock)
        return self._segments

    def _work(self) -> None:
        self._guarded(self._take_over)
        is_over = False
        while not is_over:
            records, is_over = self._taken()
            with self._lock:
                self._known |= records
            if records:
                self._guarded(partial(self._tail.append, records.values()))
            self._guarded(partial(self._seal_if_due, is_over))
        self._tail.close(drop=not self._known)

    def _taken(self) -> tuple[dict[str, ExecutionRecord], bool]:
        """The last state of what was put, and whether that was all."""
        records: dict[str, ExecutionRecord] = {}
        with suppress(Empty):
            put = self._queue.get(timeout=_SEAL_S / 10)
            if put is not None:
                time.sleep(_GATHER_S)  # or this thread would get into the way of the very cell
            while put is not None:
                record, outputs = put
                records[record.id] = replace(record, kept=self._keep(outputs)) if outputs else record
                put = self._queue.get_nowait()
            return records, True
        return records, False

    def _take_over(self) -> None:
        for path, records in self._tail.left_by_others():
            self._tail.append(records)
            with self._lock:
                self._known = {record.id: record for record in records} | self._known
            path.unlink(missing_ok=True)

    def _seal_if_due(self, is_over: bool) -> None:
        with self._lock:
            ended = sorted(record.id for record in self._known.values() if record.is_finished)
        is_due = len(ended) >= _SEGMENT or self._clock() - self._sealed_at >= _SEAL_S
        if not ended or not (is_due or is_over):
            return
        self._sealed_at = self._clock()  # when the store is away, in ten minutes again
        with self._lock:
            wanted = ended[-_MOST_WAITING:]
            records = [self._known[each] for each in wanted]
        if self._most:
            self._opened().write(records)
        with self._lock:
            for each in ended:
                self._known.pop(each, None)
            left = list(self._known.values())
        self._tail.replace(left)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Records are worth less than outputs: what fails is said once, and tried again."""
        try:
            work()
            self._is_failing = False
        except (CrdtOutputsError, OSError) as error:
            if not self._is_failing:
                self._log.warning("the history of executions waits on this server: %s", error)
            self._is_failing = True
