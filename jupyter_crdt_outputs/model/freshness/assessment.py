"""Which outputs are stale.

The measure is what the notebook would show if it were run from the top. So a cell depends on the cells *above* it that
set what it reads, the nearest first; what a cell below has done to a name since then does not make it stale. Where no
cell above sets a name, it came from a cell below that had run before.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence, Set

from ..analysis import DYNAMIC, MODULE
from .cells import NEVER, NOW, Cell, CellRuns, Finding, Gone, NamesOf, Notebook, Run
from .sources import Deleted, Sources

_MOST_CAUSES = 20
_MOST_ROUNDS = 20

_BUILT_IN = frozenset({*dir(builtins), "__file__", "get_ipython", "display", "exit", "quit"})

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


def needs_of(cells: Sequence[CellRuns], names: NamesOf, process: str | None) -> dict[str, tuple[str, ...]]:
    """By cell, in order, those that it reads from and that a kernel has not run: they are to run before it.

    Args:
        cells: in the order of the notebook.
        names: as for :func:`assess`.
        process: the kernel as it lives now; None when there is none.
    """
    notebook = Notebook(cells, names)
    read_from: list[set[int]] = []
    Assessment(notebook, [FRESH] * len(notebook.cells), Deleted((), names), read_from).findings()
    missing = {index for index, cell in enumerate(notebook.cells) if cell.run is None or cell.run.process != process}
    return {
        cell.id: tuple(notebook.cells[each].id for each in sorted(sources & missing))
        for cell, sources in zip(notebook.cells, read_from, strict=True)
    }


def with_needed(chosen: Set[str], needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Cells that are to run, with those that they need, directly or by way of others; in order.

    Args:
        chosen: their ids.
        needs: of all cells, as :func:`needs_of` tells them.
    """
    found, wanted = set(chosen), list(chosen)
    while wanted:
        new = set(needs[wanted.pop()]) - found
        found |= new
        wanted += new
    return [cell for cell in needs if cell in found]


class Assessment:
    """One way through a notebook, from its top.

    Args:
        notebook: its cells.
        before: what was found the last time, for cells that stand below those that read from them.
        deleted: the cells that are gone.
        read_from: filled with the cells that each may have read from, when it is given.

    Attributes:
        has_looked_below: whether it matters what was found before.
    """

    def __init__(
        self,
        notebook: Notebook,
        before: Sequence[Finding],
        deleted: Deleted,
        read_from: list[set[int]] | None = None,
    ) -> None:
        self._notebook = notebook
        self._before = before
        self._deleted = deleted
        self._by_name: dict[str, Sources] = {}
        self._unknown = Sources()
        self._lost = Sources()
        self._anything = Sources()
        self._read_from = read_from
        self.has_looked_below = False

    def findings(self) -> list[Finding]:
        """How the outputs of the cells stand."""
        return [self._pass(index, cell) for index, cell in enumerate(self._notebook.cells)]

    def _pass(self, index: int, cell: Cell) -> Finding:
        read, changed = self._used(cell) if cell.run is not None else (set[str](), set[str]())
        if self._read_from is not None:
            self._read_from.append(self._sources(cell, read))
        if cell.run is None:
            return FRESH
        finding = Finding("edited") if cell.is_edited else self._finding(index, cell, cell.run, read)
        is_stale = finding.stale is not None
        for name in cell.writes | changed:
            self._set(index, cell, name, is_stale=is_stale)
        for sources, is_meant in (
            (self._unknown, cell.writes_any),
            (self._lost, cell.is_lost),
            (self._anything, bool(cell.writes or cell.writes_any or changed)),
        ):
            if is_meant:
                sources.add(index, cell, cell.changed_at(None, is_stale=is_stale))
        return finding

    def _finding(self, index: int, cell: Cell, run: Run, read: set[str]) -> Finding:
        causes: set[int] = set()
        if cell.names.reads_any or not DYNAMIC.isdisjoint(read):
            causes.update(self._anything.changed_since(run))
        is_from_deleted = False
        for name in read:
            sources = self._by_name.get(name)
            if sources is not None:
                causes.update(sources.changed_since(run))
            elif name in _BUILT_IN:
                continue
            elif name in cell.names.reads:
                causes.update(self._changed_below(index, run, name))
                causes.update(self._lost.changed_since(run))
            causes.update(self._unknown.changed_since(run, -1 if sources is None else sources.start))
            is_from_deleted = is_from_deleted or self._deleted.had_set(name, run, self._notebook)
        because = tuple(self._notebook.cells[each].id for each in sorted(causes)[:_MOST_CAUSES])
        return Finding("upstream", because) if because or is_from_deleted else FRESH

    def _sources(self, cell: Cell, read: set[str]) -> set[int]:
        """The cells above that may have set what a cell reads."""
        found: set[int] = set()
        if cell.names.reads_any or not DYNAMIC.isdisjoint(read):
            found.update(self._anything.since(0))
        for name in read:
            sources = self._by_name.get(name)
            if sources is not None:
                found.update(sources.since(0))
            if name not in _BUILT_IN:
                found.update(self._unknown.since(0 if sources is None else sources.start))
        return found

    def _used(self, cell: Cell) -> tuple[set[str], set[str]]:
        """What a cell reads, with what the functions read that it uses, and what these change."""
        found, wanted, changed = set(cell.names.reads), list(cell.names.reads), set[str]()
        while wanted:
            name = wanted.pop()
            for source in self._by_name[name].functions if name in self._by_name else ():
                reads, writes = source.later(name)
                wanted += reads - found
                found |= reads
                changed |= writes
        return found, changed

    def _set(self, index: int, cell: Cell, name: str, *, is_stale: bool) -> None:
        sources = self._by_name.get(name)
        if sources is not None and sources.is_module and name in cell.names.by_method:
            return
        lasts, changed = self._lasting(cell, name, is_stale=is_stale)
        if sources is None or name in cell.binds:
            sources = self._by_name[name] = Sources(index if name in cell.binds else -1)
        is_module = cell.names.lasting.get(name, "").startswith(MODULE)
        sources.add(index, cell, changed, lasts=lasts, is_module=is_module, has_functions=cell.has_later(name))

    def _lasting(self, cell: Cell, name: str, *, is_stale: bool) -> tuple[bool, str]:
        """Whether setting a name again would change nothing, and since when it is what it is."""
        if name not in cell.names.lasting or cell.run is None:
            return False, cell.changed_at(name, is_stale=is_stale)
        changed = cell.changed_at(name, is_stale=is_stale)
        for need in cell.names.needs.get(name, ()):
            sources = self._by_name.get(need)
            if sources is None and need in _BUILT_IN:
                continue
            if sources is None or not sources.lasts:
                return False, cell.changed_at(None, is_stale=is_stale)
            if sources.changed != NEVER:  # then this has been made of it since the cell ran, or is to be made of it
                changed = max(changed, NOW if sources.changed > cell.run.at else cell.run.at)
        return True, changed

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
