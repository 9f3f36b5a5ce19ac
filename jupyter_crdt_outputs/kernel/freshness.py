"""Which outputs of an open notebook are stale: its cells as they are now, compared with what has run."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ..document.rooms import Room
from ..model.executions import ExecutionRecord, source_digest
from ..model.freshness import CellRuns, Finding, Run, assess
from ..model.names import ANY, NONE, Names
from ..store.history import History, Query
from .records import Ledger

_MOST_NOTEBOOKS = 100
_MOST_RECORDS = 5_000
_MOST_RUNS = 16
_MOST_SOURCES = 20_000

Analysis = Literal["names", "order"]


@dataclass(frozen=True, slots=True)
class CellFreshness:
    """A cell of code.

    Attributes:
        cell: its id.
        execution: the newest that was sent to a kernel.
        finding: how its outputs stand; nothing speaks against them while the cell runs or is queued.
    """

    cell: str
    execution: ExecutionRecord | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class NotebookFreshness:
    """A notebook.

    Attributes:
        room_id: of its room.
        cells: those that hold code, in order.
        analysis: how it was found out: by the names that cells set and read, or by their order alone.
    """

    room_id: str
    cells: list[CellFreshness]
    analysis: Analysis


class Runs:
    """What has run of one notebook. Records are added in the order in which they began."""

    def __init__(self) -> None:
        self.newest: dict[str, ExecutionRecord] = {}
        self.of: dict[str, list[Run]] = {}
        self._lives: dict[str, tuple[int, int]] = {}

    def copy(self) -> Runs:
        """The same, to be added to."""
        other = Runs()
        other.newest, other._lives = dict(self.newest), dict(self._lives)
        other.of = {cell: list(runs) for cell, runs in self.of.items()}
        return other

    def add(self, record: ExecutionRecord) -> None:
        """An execution; one that was never sent to a kernel is passed over."""
        if record.source_sha256 is None:
            return
        known = self.newest.get(record.cell)
        if known is None or known.id <= record.id:
            self.newest[record.cell] = record
        at = record.started_at or (record.ended_at if record.status == "ok" else None)  # an empty cell only ends
        if at is not None:
            process = f"{record.kernel} {self._life(record)}"
            run = Run(record.source_sha256, at, process, record.status == "ok")
            self.of[record.cell] = [*self.of.get(record.cell, ())[1 - _MOST_RUNS :], run]

    def _life(self, record: ExecutionRecord) -> int:
        """Which life of its kernel: one that is restarted keeps its id, and counts from 1 again."""
        last, life = self._lives.get(record.kernel, (0, 0))
        count = record.execution_count
        if count is not None:
            life += count <= last
            self._lives[record.kernel] = count, life
        return life


@dataclass(eq=False)
class _Notebook:
    """What is remembered of one."""

    runs: Runs | None = None
    added: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Freshness:
    """Tells what is stale. The history of a notebook is read once; after that, only what is new is looked at.

    Args:
        ledger: the executions of this server.
        history: those of former times.
    """

    def __init__(self, ledger: Ledger, history: History) -> None:
        self._ledger = ledger
        self._history = history
        self._notebooks: OrderedDict[str, _Notebook] = OrderedDict()
        self._names: OrderedDict[str, Names] = OrderedDict()

    async def of(self, room: Room) -> NotebookFreshness:
        """How the outputs of an open notebook stand. Raises StoreUnavailable."""
        notebook = self._notebook(room.file_id)
        async with notebook.lock:
            if notebook.runs is None:
                query = Query(file_id=room.file_id)
                notebook.runs = await asyncio.to_thread(self._read, query, notebook.added)
            sources = {str(cell["id"]): str(cell["source"]) for cell in room.cells if cell.get("cell_type") == "code"}
            records = [live.record for live in self._ledger.recent if live.record.file_id == room.file_id]
            return await asyncio.to_thread(self._assess, room.room_id, notebook, sources, records)

    def _notebook(self, file_id: str) -> _Notebook:
        notebook = self._notebooks.setdefault(file_id, _Notebook())
        self._notebooks.move_to_end(file_id)
        while len(self._notebooks) > _MOST_NOTEBOOKS:
            self._notebooks.popitem(last=False)
        return notebook

    def _read(self, query: Query, added: set[str]) -> Runs:
        runs = Runs()
        for record in _in_order(self._history.find(query, _MOST_RECORDS)):
            if record.is_finished:
                runs.add(record)
                added.add(record.id)
        return runs

    def _assess(
        self, room_id: str, notebook: _Notebook, sources: dict[str, str], records: list[ExecutionRecord]
    ) -> NotebookFreshness:
        assert notebook.runs is not None
        for record in _in_order(record for record in records if record.is_finished):
            if record.id not in notebook.added:
                notebook.runs.add(record)
                notebook.added.add(record.id)
        going_on = _in_order(record for record in records if not record.is_finished)
        runs = notebook.runs
        if going_on:
            runs = runs.copy()
            for record in going_on:
                runs.add(record)
        digests = {cell: source_digest(source).hex for cell, source in sources.items()}
        for cell, source in sources.items():
            self._learn(digests[cell], source)
        found = assess([CellRuns(cell, digests[cell], runs.of.get(cell, ())) for cell in sources], self._names.get)
        pending = {record.cell for record in going_on}
        cells = [
            CellFreshness(cell, runs.newest.get(cell), Finding() if cell in pending else finding)
            for cell, finding in zip(sources, found, strict=True)
        ]
        return NotebookFreshness(room_id, cells, "order")

    def _learn(self, digest: str, source: str) -> None:
        if digest not in self._names:
            self._names[digest] = ANY if source.strip() else NONE
            while len(self._names) > _MOST_SOURCES:
                self._names.popitem(last=False)


def _in_order(records: Iterable[ExecutionRecord]) -> list[ExecutionRecord]:
    return sorted(records, key=lambda record: (record.started_at or record.queued_at, record.id))
