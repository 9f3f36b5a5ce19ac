"""What is stale in one notebook, and what is remembered to tell it quickly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..model.analysis import ANY, NONE, Names, names_of
from ..model.executions import ExecutionRecord, source_digest
from ..model.freshness import CellRuns, Finding, Gone, assess, needs_of, with_needed
from .notebook_runs import NotebookRuns, Restarts
from .records import now
from .shown_runs import Digests, candidates, digest_of, shown

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
        outputs: of the cells that are in doubt, see :meth:`Staleness.in_doubt`.
    """

    sources: Mapping[str, str]
    records: Sequence[ExecutionRecord]
    language: str
    restarts: Restarts
    counts: Mapping[str, object]
    outputs: Mapping[str, list[Any]] = field(default_factory=dict)

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

    Args:
        digests: gives those of what runs have put out.

    Attributes:
        history_at: when the history is to be read, by the monotonic clock.
    """

    def __init__(self, digests: Callable[[Collection[str]], Digests] = dict.fromkeys) -> None:
        self.history_at = 0.0
        self._digests = digests
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

    def in_doubt(self, notebook: Snapshot) -> list[str]:
        """The cells that may show one of several runs: of kernels that were restarted, which count from 1 again."""
        self.add(notebook.records, notebook.restarts)
        settled = notebook.pending
        return [
            cell
            for cell, count in notebook.counts.items()
            if cell not in settled and len(candidates(self._runs.records.get(cell, ()), count)) > 1
        ]

    def find(self, notebook: Snapshot) -> list[CellFreshness]:
        """How the outputs of the cells stand."""
        runs, cells = self._look_at(notebook)
        gone = [Gone(runs.of.get(cell, ()), at) for cell, at in self._gone.items()]
        found = assess(cells, lambda digest: self._names_of(notebook.analysis, digest), gone)
        pending = notebook.pending
        shows = self._shown(notebook, runs)
        told = []
        for cell, finding in zip(cells, found, strict=True):
            execution, records = shows[cell.id], runs.records.get(cell.id)
            if records and execution is not records[-1]:
                digest = None if execution is None else execution.cell_sha256 or execution.source_sha256
                finding = Finding("edited") if digest not in (None, cell.source) else Finding()
            told.append(CellFreshness(cell.id, execution, Finding() if cell.id in pending else finding))
        return told

    def needs(self, notebook: Snapshot, kernel_id: str) -> dict[str, tuple[str, ...]]:
        """By cell, in order, those that it reads from and that a kernel has not run; no id: one that is to start."""
        runs, cells = self._look_at(notebook)
        process = runs.process(kernel_id, notebook.restarts) if kernel_id else None
        return needs_of(cells, lambda digest: self._names_of(notebook.analysis, digest), process)

    def to_run(self, notebook: Snapshot, kernel_id: str) -> list[str]:
        """The cells that are stale, with those that they need, see :meth:`needs`; in order."""
        stale = {each.cell for each in self.find(notebook) if each.finding.stale is not None}
        if not stale:
            return []
        pending = notebook.pending
        return [cell for cell in with_needed(stale, self.needs(notebook, kernel_id)) if cell not in pending]

    def _shown(self, notebook: Snapshot, runs: NotebookRuns) -> dict[str, ExecutionRecord | None]:
        """By cell, the run that it shows."""
        found = {cell: candidates(runs.records.get(cell, ()), count) for cell, count in notebook.counts.items()}
        digests = self._digests([record.id for cell in notebook.outputs for record in found[cell]])
        present = {cell: digest_of(outputs) for cell, outputs in notebook.outputs.items()}
        return {cell: shown(records, present.get(cell), digests) for cell, records in found.items()}

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
