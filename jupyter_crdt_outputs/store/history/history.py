"""The history of executions: what this server knows, and what the store has of all servers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ...errors import CrdtOutputsError
from ...model.executions import ExecutionRecord
from ...model.kept_outputs import KeptOutputs
from ..records import Records
from .newest import NEWER_THAN_ALL, Batch, Newest
from .query import Query
from .segments import Segments
from .tail import Tail, line_of, newest
from .unsealed import Outputs, Unsealed

_SEGMENT = 500
_SEAL_S = 600.0
_MOST_WAITING = 50_000
_GATHER_S = 0.25


class History:
    """Keeps the records of executions; bounded in number and age, and never in anybody's way.

    A record is in a local file when :meth:`put` returns, so the death of the process loses none. It goes to the store
    with some hundred others, at most ten minutes after it has ended, or when the server stops. What a server that was
    killed left is taken over by the next one on its data directory; what had not ended is then *interrupted*.

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
        self._unsealed = Unsealed()
        self._ended = 0
        self._sealed_at = clock()
        self._segments: Segments | None = None
        self._is_due = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._work, name="history", daemon=True)
        self._is_failing = False

    def start(self) -> None:
        """Begin to write, and take over what a killed server left."""
        self._guarded(self._rewrite)
        self._thread.start()

    def put(self, record: ExecutionRecord, outputs: Outputs = ()) -> None:
        """Keep the present state of a record, and soon the outputs of one that has ended.

        Takes as long as a write to the page cache; never raises. It is not left to the thread: to wake that, while a
        cell runs, costs the cell more than the write.
        """
        if self._unsealed.put(record, outputs):
            self._is_due.set()
        self._guarded(partial(self._tail.append, (line_of(record),)))
        if record.is_finished:
            self._ended += 1
            if self._ended >= _SEGMENT:
                self._is_due.set()

    def stop(self) -> None:
        """Bring all that has ended to the store, or leave it to the next server. Blocks."""
        if self._thread.is_alive():
            self._is_over = True
            self._is_due.set()
            self._thread.join()

    def find(self, query: Query, limit: int) -> list[ExecutionRecord]:
        """Records, the newest first; with what is kept of outputs only if that is asked for. Blocks.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = Newest(limit)
        for batch in self.batches(query):
            if found.is_complete(batch.newest):
                break
            found.add(batch.records)
        return found.records

    def batches(self, query: Query) -> Iterator[Batch]:
        """All that :meth:`find` could give, for those who choose among them. Each step blocks, and raises as that."""
        here = self._unsealed.all(with_outputs=query.has_outputs)
        matching = [record for record in here if query.matches(record)]
        yield Batch(NEWER_THAN_ALL, _as_asked(query, matching))
        if query.id is not None and any(record.id == query.id for record in here):
            return
        for segment, lines in self._opened():
            if query.id is not None and query.id > segment.newest:
                return
            records = newest(line for line in lines if query.may_match(line))
            yield Batch(segment.newest, _as_asked(query, [record for record in records if query.matches(record)]))

    def _opened(self) -> Segments:
        if self._segments is None:
            self._segments = Segments(self._open(), self._most, self._age_s, self._clock)
        return self._segments

    def _work(self) -> None:
        self._guarded(self._take_over)
        is_over = False
        while not is_over:
            if self._is_due.wait(_SEAL_S / 10) and not self._is_over:
                time.sleep(_GATHER_S)  # this thread is to be in the way of as few cells as possible
            self._is_due.clear()
            is_over = self._is_over
            self._keep_outputs()
            if not self._tail.is_open:
                self._guarded(self._rewrite)
            self._guarded(partial(self._seal_if_due, is_over))
        self._tail.close(drop=not self._unsealed)

    def _keep_outputs(self) -> None:
        for record_id, outputs in self._unsealed.to_keep():
            record = self._unsealed.kept(record_id, self._keep(outputs))
            if record is not None:
                self._guarded(partial(self._tail.append, (line_of(record),)))

    def _take_over(self) -> None:
        for path, records in self._tail.left_by_others():
            self._unsealed.add_older(records)
            self._tail.append(map(line_of, records))
            path.unlink(missing_ok=True)

    def _seal_if_due(self, is_over: bool) -> None:
        ended = self._unsealed.ended()
        is_due = len(ended) >= _SEGMENT or self._clock() - self._sealed_at >= _SEAL_S
        if not ended or not (is_due or is_over):
            return
        self._sealed_at = self._clock()  # when the store is away, in ten minutes again
        self._ended = 0
        if self._most:
            self._opened().write(ended[-_MOST_WAITING:])
        self._unsealed.drop(ended)
        self._rewrite()

    def _rewrite(self) -> None:
        self._tail.replace(self._unsealed.all)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Records are worth less than outputs: what fails is said once, and tried again."""
        try:
            work()
            self._is_failing = False
        except (CrdtOutputsError, OSError) as error:
            if not self._is_failing:
                self._log.warning("the history of executions waits on this server: %s", error)
            self._is_failing = True


def _as_asked(query: Query, records: list[ExecutionRecord]) -> list[ExecutionRecord]:
    """Whoever keeps many records is not to keep what may be much larger."""
    if query.has_outputs:
        return records
    return [record if record.kept is None else record._replace(kept=None) for record in records]
