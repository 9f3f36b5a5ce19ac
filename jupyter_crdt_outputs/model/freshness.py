"""Which outputs are stale: those whose source was edited since, and those that were made from what is stale.

The measure is what the notebook would show if it were run from the top. So a cell depends on the cells *above* it that
set what it reads, the nearest first, as marimo and ipyflow see it, too; what a cell below has done to a name since then
does not make it stale. Where no cell above sets a name, it came from a cell below that had run before.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from .names import Names

Stale = Literal["edited", "upstream"]

_MOST_CAUSES = 20
_MOST_ROUNDS = 20
_NEVER, _NOW = "", "~"
"""Before and after all times, which are in ISO 8601."""

_BUILT_IN = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a kernel took a cell up.

    Attributes:
        source: digest of the cell's own source then.
        at: when; ISO 8601.
        process: which life of which kernel.
        is_complete: whether it came to its end.
    """

    source: str
    at: str
    process: str
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class CellRuns:
    """A cell of code.

    Attributes:
        id: its id.
        source: digest of its source now.
        runs: its last ones, the oldest first.
    """

    id: str
    source: str
    runs: Sequence[Run] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """How a cell's outputs stand.

    Attributes:
        stale: why they are not what running it again would show; None when nothing speaks against them.
        because: the cells that are the reason, when it is in others, up to 20.
    """

    stale: Stale | None = None
    because: tuple[str, ...] = ()


FRESH = Finding()


def assess(cells: Sequence[CellRuns], names: Callable[[str], Names | None]) -> list[Finding]:
    """How the outputs of cells stand.

    Args:
        cells: in the order of the notebook.
        names: those of the source with a digest; known for every present source.
    """
    notebook = [_Cell(cell, names) for cell in cells]
    found = [FRESH] * len(notebook)
    for _ in range(_MOST_ROUNDS):  # once, unless cells read what cells below have set
        before, found = found, _assessed(notebook, found)
        if found == before:
            break
    return found


class _Cell:
    """A cell that may set names for others."""

    def __init__(self, cell: CellRuns, names: Callable[[str], Names | None]) -> None:
        self.id = cell.id
        self.source = cell.source
        self.runs = cell.runs
        self.run = cell.runs[-1] if cell.runs else None
        self._names = names
        self.names = names(cell.source) or Names()
        last = self.names if self.run is None or not self.is_edited else names(self.run.source) or Names()
        former = {run.source for run in cell.runs} - {cell.source}
        self.formerly = [known for source in former if (known := names(source)) is not None]
        self.is_lost = len(self.formerly) < len(former)
        self.writes = self.names.writes.union(*(known.writes for known in self.formerly))
        is_complete = self.run is not None and self.run.is_complete
        self.binds = self.names.binds & last.binds if is_complete else frozenset()
        self.writes_any = self.names.writes_any or any(known.writes_any for known in self.formerly)

    @property
    def is_edited(self) -> bool:
        return self.run is not None and self.run.source != self.source

    def later(self, name: str) -> Iterator[str]:
        for known in (self.names, *self.formerly):
            yield from known.later.get(name, ())

    def changed_at(self, name: str | None, *, is_stale: bool) -> str:
        """Since when what it sets under a name is what it sets now."""
        value = self.names.lasting.get(name or "")
        if is_stale and value is None:
            return _NOW
        if self.run is None or (not self.formerly and not self.is_lost):
            return _NEVER

        def is_as_now(run: Run) -> bool:
            if value is None:
                return run.source == self.source
            known = self._names(run.source)
            return known is not None and known.lasting.get(name or "") == value

        same = list(takewhile(is_as_now, reversed(self.runs)))
        if not same:
            return _NOW
        return _NEVER if len(same) == len(self.runs) else same[-1].at


@dataclass(slots=True)
class _Sources:
    """Where a name may have its value from, at one place of the notebook.

    Attributes:
        start: index of the cell above which nothing counts any more.
        cells: each with the time since when what it sets is the same, and whether setting it again changes it.
        changed: the last of these times.
        set_at: when one was last set, for each process.
    """

    start: int = -1
    cells: list[tuple[int, _Cell, str, bool]] = field(default_factory=list)
    changed: str = _NEVER
    set_at: dict[str, str] = field(default_factory=dict)

    def add(self, index: int, cell: _Cell, name: str | None, *, is_stale: bool) -> None:
        changed, lasts = cell.changed_at(name, is_stale=is_stale), name in cell.names.lasting
        self.cells.append((index, cell, changed, lasts))
        self.changed = max(self.changed, changed)
        if not lasts and cell.run is not None:
            process = cell.run.process
            self.set_at[process] = max(self.set_at.get(process, _NEVER), cell.run.at)

    def changed_since(self, run: Run, start: int = -1) -> Iterator[int]:
        """The cells that have set something else, or set it again, after a run."""
        if self.changed <= run.at and self.set_at.get(run.process, _NEVER) <= run.at:
            return
        for index, cell, changed, lasts in self.cells:
            other = cell.run
            is_again = not lasts and other is not None and other.process == run.process and other.at > run.at
            if index > start and (changed > run.at or is_again):
                yield index


def _assessed(notebook: Sequence[_Cell], before: Sequence[Finding]) -> list[Finding]:
    """One way through the notebook.

    Args:
        notebook: its cells.
        before: what was found the last time, for cells that stand below those that read from them.
    """
    by_name: dict[str, _Sources] = {}
    anything, unknown = _Sources(), _Sources()
    found: list[Finding] = []
    for index, cell in enumerate(notebook):
        if cell.run is None:
            found.append(FRESH)
            continue
        if cell.is_edited:
            finding = Finding("edited")
        else:
            causes = set(anything.changed_since(cell.run)) if cell.names.reads_any else set()
            for name in _read(cell, by_name):
                sources = by_name.get(name)
                if sources is not None:
                    causes.update(sources.changed_since(cell.run))
                if name not in _BUILT_IN or sources is not None:
                    causes.update(unknown.changed_since(cell.run, -1 if sources is None else sources.start))
                if sources is None and name not in _BUILT_IN and name in cell.names.reads:
                    causes.update(_changed_below(notebook, before, index, name))
            because = tuple(notebook[each].id for each in sorted(causes)[:_MOST_CAUSES])
            finding = Finding("upstream", because) if because else FRESH
        found.append(finding)
        is_stale = finding.stale is not None
        for name in cell.writes:
            if name in cell.binds or name not in by_name:
                by_name[name] = _Sources(index if name in cell.binds else -1)
            by_name[name].add(index, cell, name, is_stale=is_stale)
        if cell.writes_any:
            unknown.add(index, cell, None, is_stale=is_stale)
        if cell.writes or cell.writes_any:
            anything.add(index, cell, None, is_stale=is_stale)
    return found


def _read(cell: _Cell, by_name: Mapping[str, _Sources]) -> set[str]:
    """What a cell reads, and what the functions read that it uses."""
    found, wanted = set(cell.names.reads), list(cell.names.reads)
    while wanted:
        name = wanted.pop()
        for _, source, _, _ in by_name[name].cells if name in by_name else ():
            more = set(source.later(name)) - found
            found |= more
            wanted += more
    return found


def _changed_below(notebook: Sequence[_Cell], before: Sequence[Finding], index: int, name: str) -> Iterator[int]:
    """The cell below that had set a name when this one ran, if it would set something else now."""
    run = notebook[index].run
    set_by: tuple[str, int] | None = None
    for other in range(index + 1, len(notebook)):
        cell = notebook[other]
        if run is None or name not in cell.writes:
            continue
        for earlier in cell.runs:
            if earlier.process == run.process and earlier.at < run.at:
                set_by = max(set_by or (_NEVER, -1), (earlier.at, other))
    if run is not None and set_by is not None:
        cell = notebook[set_by[1]]
        is_stale = cell.is_edited or before[set_by[1]].stale is not None
        if cell.changed_at(name, is_stale=is_stale) > run.at:
            yield set_by[1]
