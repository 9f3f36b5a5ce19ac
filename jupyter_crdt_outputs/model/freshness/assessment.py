"""Which outputs are stale.

The measure is what the notebook would show if it were run from the top. So a cell depends on the cells *above* it that
set what it reads, the nearest first; what a cell below has done to a name since then does not make it stale. Where no
cell above sets a name, it came from a cell below that had run before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..analysis import DYNAMIC
from .cells import Cell, CellRuns, Finding, Gone, NamesOf, Notebook, Run
from .origins import BUILT_IN, Origins
from .sources import Deleted

_MOST_CAUSES = 20
_MOST_ROUNDS = 20

FRESH = Finding()


def assess(cells: Sequence[CellRuns], names: NamesOf, gone: Sequence[Gone] = ()) -> list[Finding]:
    """How the outputs of cells stand.

    Args:
        cells: in the order of the notebook.
        names: those of the source with a digest; known for every present source.
        gone: cells that were deleted.
    """
    notebook = Notebook(cells, names)
    deleted = Deleted(gone, names)
    found = [FRESH] * len(notebook.cells)
    for _ in range(_MOST_ROUNDS):
        assessment = Assessment(notebook, found, deleted)
        before, found = found, assessment.findings()
        if found == before or not assessment.has_looked_below:
            break
    return found


class Assessment:
    """One way through a notebook, from its top.

    Args:
        notebook: its cells.
        before: what was found the last time, for cells that stand below those that read from them.
        deleted: the cells that are gone.

    Attributes:
        has_looked_below: whether it matters what was found before.
    """

    def __init__(self, notebook: Notebook, before: Sequence[Finding], deleted: Deleted) -> None:
        self._notebook = notebook
        self._before = before
        self._deleted = deleted
        self._origins = Origins()
        self.has_looked_below = False

    def findings(self) -> list[Finding]:
        """How the outputs of the cells stand."""
        return [self._pass(index, cell) for index, cell in enumerate(self._notebook.cells)]

    def _pass(self, index: int, cell: Cell) -> Finding:
        if cell.run is None:
            return FRESH
        read, changed = self._origins.used(cell)
        finding = Finding("edited") if cell.is_edited else self._finding(index, cell, cell.run, read)
        self._origins.passed(index, cell, changed, is_stale=finding.stale is not None)
        return finding

    def _finding(self, index: int, cell: Cell, run: Run, read: set[str]) -> Finding:
        origins, causes = self._origins, set[int]()
        if cell.names.reads_any or not DYNAMIC.isdisjoint(read):
            causes.update(origins.anything.changed_since(run))
        is_from_deleted = False
        for name in read:
            sources = origins.of(name)
            if sources is not None:
                causes.update(sources.changed_since(run))
            elif name in BUILT_IN:
                continue
            elif name in cell.names.reads:
                causes.update(self._changed_below(index, run, name))
                causes.update(origins.lost.changed_since(run))
            causes.update(origins.unknown.changed_since(run, -1 if sources is None else sources.start))
            is_from_deleted = is_from_deleted or self._deleted.had_set(name, run, self._notebook)
        because = tuple(self._notebook.cells[each].id for each in sorted(causes)[:_MOST_CAUSES])
        return Finding("upstream", because) if because or is_from_deleted else FRESH

    def _changed_below(self, index: int, run: Run, name: str) -> Iterator[int]:
        """The cell below that had set a name when this one ran, if it would set something else now."""
        set_by = max(
            (
                (earlier.at, other)
                for other in self._notebook.written.get(name, ())
                if other > index
                for earlier in self._notebook.cells[other].runs
                if earlier.process == run.process and earlier.at < run.at
            ),
            default=None,
        )
        if set_by is not None:
            self.has_looked_below = True
            below = set_by[1]
            cell = self._notebook.cells[below]
            is_stale = cell.is_edited or self._before[below].stale is not None
            if cell.changed_at(name, is_stale=is_stale) > run.at:
                yield below
