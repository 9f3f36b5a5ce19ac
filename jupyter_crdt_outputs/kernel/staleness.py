"""What is stale in one notebook, and what is remembered to tell it quickly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..model.analysis import ANY, NONE, Names, names_of
from ..model.executions import ExecutionRecord, source_digest
from ..model.freshness import CellRuns, Finding, Gone, assess, with_needed
from .notebook_runs import NotebookRuns, Restarts
from .records import now

_MOST_SOURCES = 5_000
_MOST_GONE = 1_000

_NO_PROGRAM = frozenset({"SyntaxError", "IndentationError", "TabError"})

Analysis = Literal["names", "order"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A notebook at one moment.

    Attributes:
        sources: of its cells of code, by their ids, in order.
        records: its executions that this server still knows, the oldest first.
        language: of its code, as it says itself.
        restarts: of kernels.
        counts: the numbers that the cells show beside their outputs; null beside none.
    """

    sources: Mapping[str, str]
    records: Sequence[ExecutionRecord]
    language: str
    restarts: Restarts
    counts: Mapping[str, object]

    @property
    def analysis(self) -> Analysis:
        """How its cells are looked at."""
        language = self.records[-1].language if self.records else self.language
        return "names" if language.lower().startswith(("python", "ipython")) else "order"

    @property
    def pending(self) -> set[str]:
        """The cells that run or are queued."""
        return {record.cell for record in self.records if not record.is_finished}


@dataclass(frozen=True, slots=True)
class CellFreshness:
    """A cell of code.

    Attributes:
        cell: its id.
        execution: the one that its outputs are of.
        finding: how its outputs stand; nothing is said against them while the cell runs or is queued.
    """

    cell: str
    execution: ExecutionRecord | None
    finding: Finding


class Staleness:
    """What is stale in one notebook. Blocks; used by one thread at a time.

    Attributes:
        history_at: when the history is to be read, by the monotonic clock.
    """

    def __init__(self) -> None:
        self.history_at = 0.0
        self._runs = NotebookRuns()
        self._added: set[str] = set()
        self._names: OrderedDict[tuple[Analysis, str], Names] = OrderedDict()
        self._no_program: set[str] = set()
        self._present: frozenset[str] = frozenset()
        self._gone: OrderedDict[str, str] = OrderedDict()

    def begin(self, history: Iterable[ExecutionRecord], restarts: Restarts) -> None:
        """Take in the records of former times; those of this server come again with the next question."""
        self._runs = NotebookRuns()
        self._added.clear()
        self.add(history, restarts)

    def add(self, records: Iterable[ExecutionRecord], restarts: Restarts) -> None:
        """Take in executions; those that have not ended are not remembered."""
        new = [record for record in records if record.is_finished and record.id not in self._added]
        self._added.update(record.id for record in new)
        self._no_program.update(record.source_sha256 or "" for record in new if record.error in _NO_PROGRAM)
        self._runs.add(new, restarts)

    def find(self, notebook: Snapshot) -> list[CellFreshness]:
        """How the outputs of the cells stand."""
        runs, cells = self._look_at(notebook)
        gone = [Gone(runs.of.get(cell, ()), at) for cell, at in self._gone.items()]
        found = assess(cells, lambda digest: self._names_of(notebook.analysis, digest), gone)
        pending = notebook.pending
        told = []
        for cell, finding in zip(cells, found, strict=True):
            execution, is_last = runs.shown(cell.id, notebook.counts[cell.id])
            if not is_last:
                digest = None if execution is None else execution.cell_sha256 or execution.source_sha256
                finding = Finding("edited") if digest not in (None, cell.source) else Finding()
            told.append(CellFreshness(cell.id, execution, Finding() if cell.id in pending else finding))
        return told

    def to_run(self, notebook: Snapshot, kernel_id: str | None) -> list[str]:
        """The cells that are stale, with those that they read from and that the kernel has not run; in order."""
        stale = {each.cell for each in self.find(notebook) if each.finding.stale is not None}
        if not stale:
            return []
        runs, cells = self._look_at(notebook)
        process = None if kernel_id is None else runs.process(kernel_id, notebook.restarts)
        wanted = with_needed(cells, lambda digest: self._names_of(notebook.analysis, digest), stale, process)
        pending = notebook.pending
        return [cell for cell in wanted if cell not in pending]

    def _look_at(self, notebook: Snapshot) -> tuple[NotebookRuns, list[CellRuns]]:
        self.add(notebook.records, notebook.restarts)
        runs, going_on = self._runs, [record for record in notebook.records if not record.is_finished]
        if going_on:
            runs = runs.copy()
            runs.add(going_on, notebook.restarts)
        self._notice_deleted(frozenset(notebook.sources))
        cells = []
        for cell, source in notebook.sources.items():
            digest = source_digest(source).hex
            self._learn(notebook.analysis, digest, source)
            cells.append(CellRuns(cell, digest, runs.of.get(cell, ())))
        return runs, cells

    def _learn(self, analysis: Analysis, digest: str, source: str) -> None:
        key = analysis, digest
        if key not in self._names:
            known = names_of(source) if analysis == "names" else ANY if source.strip() else NONE
            self._names[key] = known
        self._names.move_to_end(key)
        while len(self._names) > _MOST_SOURCES:
            self._names.popitem(last=False)

    def _names_of(self, analysis: Analysis, digest: str) -> Names | None:
        found = self._names.get((analysis, digest))
        return NONE if found is ANY and analysis == "names" and digest in self._no_program else found

    def _notice_deleted(self, present: frozenset[str]) -> None:
        for cell in self._present - present:
            self._gone[cell] = now()
        for cell in present & self._gone.keys():
            del self._gone[cell]
        while len(self._gone) > _MOST_GONE:
            self._gone.popitem(last=False)
        self._present = present
