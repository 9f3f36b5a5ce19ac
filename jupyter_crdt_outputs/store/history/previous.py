"""Which former outputs of cells are kept, and what they refer to: the last runs of each cell, for a while."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ulid import ULID

from ...errors import ArtifactCorrupt, ArtifactMissing, RootUnreadable
from ...model.digest import Digest
from ...model.executions import ExecutionRecord
from ...model.kept_outputs import KeptOutputs, json_of
from ..artifact_store import ArtifactStore
from ..collection.references import Found, references_in
from ..records import Records
from .query import Query, may_be_kept
from .segments import Segments
from .tail import SUFFIX, newest

RUNS, DAYS = 10, 30.0
"""How many runs of a cell are kept, and for how many days, unless somebody says otherwise."""


class KeptRuns:
    """What the histories of all servers in a store keep of outputs: a root of every mark, while it is kept.

    Remembers what it has read of artifacts, which never change.

    Args:
        records: gives the records of the store; blocks, and raises StoreUnavailable.
        store: where the artifacts are.
        folder: of what is not in the store yet.
        most: how many runs of a cell are kept.
        age_s: for how long.
        clock: POSIX seconds.
    """

    def __init__(
        self,
        records: Callable[[], Records],
        store: ArtifactStore,
        folder: Path,
        most: int,
        age_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._records = records
        self._store = store
        self._folder = folder
        self._most = most
        self._age_s = age_s
        self._clock = clock
        self._known: dict[Digest, tuple[Found, ...]] = {}

    def __call__(self) -> Iterator[Found]:
        """Everything that kept outputs refer to, and the artifacts that they are.

        Raises:
            RootUnreadable, StoreUnavailable: nobody knows.
        """
        if not self._most:
            return
        used: dict[Digest, tuple[Found, ...]] = {}
        for kept in self._kept():
            if kept.stored is None:
                yield from references_in([json_of(kept.inline or ()) or b""])
                continue
            if kept.stored not in used:
                used[kept.stored] = self._known.get(kept.stored) or self._found_in(kept.stored)
            yield Found(bytes.fromhex(kept.stored.hex), False)
            yield from used[kept.stored]
        self._known = used

    def _kept(self) -> Iterator[KeptOutputs]:
        cells: dict[tuple[str, str], dict[str, KeptOutputs]] = {}
        oldest = oldest_id(self._age_s, self._clock())
        for records in self._batches():
            for record in records:
                if record.kept is not None and record.id >= oldest:
                    runs = cells.setdefault((record.file_id, record.cell), {})
                    runs[record.id] = record.kept
                    if len(runs) > 2 * self._most:  # not each time
                        cells[record.file_id, record.cell] = _last(runs, self._most)
        for runs in cells.values():
            yield from _last(runs, self._most).values()

    def _batches(self) -> Iterator[list[ExecutionRecord]]:
        """What is not in the store yet comes first: a record leaves that for the store."""
        for path in sorted(self._folder.glob(f"*{SUFFIX}")) if self._folder.is_dir() else ():
            try:
                with suppress(FileNotFoundError), path.open("rb") as file:
                    yield newest(line for line in file if may_be_kept(line))
            except OSError as error:
                raise RootUnreadable(f"cannot read {path} ({error}), so nobody knows which outputs are kept") from error
        for _, lines in Segments(self._records(), 0, self._age_s, self._clock):
            yield newest(line for line in lines if may_be_kept(line))

    def _found_in(self, digest: Digest) -> tuple[Found, ...]:
        try:
            return tuple(set(references_in([self._store.get(digest)])))
        except (ArtifactMissing, ArtifactCorrupt):  # nobody can see that run any more
            return ()


def runs_of(
    find: Callable[[Query, int], list[ExecutionRecord]],
    file_id: str,
    cell: str,
    most: int,
    age_s: float,
    clock: Callable[[], float] = time.time,
) -> list[ExecutionRecord]:
    """The runs of a cell whose outputs are kept, the newest first. Blocks.

    Args:
        find: of a :class:`History`.
        file_id: of the notebook; by its path, runs of another notebook that stood there would be found too.
        cell: its id.
        most: how many runs of a cell are kept.
        age_s: for how long.
        clock: POSIX seconds.

    Raises:
        StoreUnavailable: nobody knows.
    """
    if not most:
        return []
    found = find(Query(file_id=file_id, cell=cell, has_outputs=True), most)
    oldest = oldest_id(age_s, clock())
    return [record for record in found if record.id >= oldest]


def oldest_id(age_s: float, now: float) -> str:
    """The lowest id of an execution that is no older than this."""
    return str(ULID.from_timestamp(max(0.0, now - age_s)))[:10]


def _last(runs: dict[str, KeptOutputs], most: int) -> dict[str, KeptOutputs]:
    return {key: runs[key] for key in heapq.nlargest(most, runs)}
