"""The cells of a notebook, and what has run of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeAlias

from ..analysis import ANY, NONE, Names

Stale = Literal["edited", "upstream"]
NamesOf: TypeAlias = Callable[[str], Names | None]

NEVER, NOW = "", "~"
"""Before and after all times, which are in ISO 8601."""


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a kernel took a cell up.

    Attributes:
        source: digest of the cell's own source then.
        at: when; UTC, ISO 8601.
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
class Gone:
    """A cell that was deleted.

    Attributes:
        runs: its last ones, the oldest first.
        at: when it was seen to be gone; UTC, ISO 8601.
    """

    runs: Sequence[Run]
    at: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How a cell's outputs stand.

    Attributes:
        stale: why they are not what the notebook would show if it were run from the top; None when nothing says so.
        because: the cells that are the reason, when it is in others: up to 20, none when it was deleted.
    """

    stale: Stale | None = None
    because: tuple[str, ...] = ()


class Cell:
    """A cell, and what it does to names.

    Args:
        cell: as it was given.
        names_of: gives the names of a source by its digest, if they are known.

    Attributes:
        run: the last one.
        names: of its present source.
        writes: what it may have set, of late or before it was edited.
        writes_any: whether that may have been anything.
        binds: what it has set for sure.
        is_lost: whether it ran with a source that is not known.
    """

    def __init__(self, cell: CellRuns, names_of: NamesOf) -> None:
        self.id = cell.id
        self.source = cell.source
        self.runs = cell.runs
        self.run = cell.runs[-1] if cell.runs else None
        self._names_of = names_of
        former = list(dict.fromkeys(run.source for run in reversed(cell.runs) if run.source != cell.source))
        known = [names for source in former if (names := names_of(source)) is not None]
        self.is_lost = len(known) < len(former)
        self._has_changed = bool(former)
        self.names = names_of(cell.source) or NONE
        if self.is_edited and self.names is ANY and known:
            self.names = known[0]  # somebody is in the middle of a word
        self._all = [self.names, *known]
        self.writes = frozenset[str]().union(*(names.writes for names in self._all))
        self.writes_any = any(names.writes_any for names in self._all)
        self.binds = frozenset[str]()
        if self.run is not None and self.run.is_complete:
            last = names_of(self.run.source) or NONE
            self.binds = self.names.binds & last.binds

    @property
    def is_edited(self) -> bool:
        """Whether its source is another one than was run."""
        return self.run is not None and self.run.source != self.source

    def later(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """What is read, and what is changed, when a function of this name is used."""
        none = frozenset[str]()
        return (
            none.union(*(names.later.get(name, none) for names in self._all)),
            none.union(*(names.later_writes.get(name, none) for names in self._all)),
        )

    def has_later(self, name: str) -> bool:
        """Whether it has set a function under a name."""
        return any(name in names.later or name in names.later_writes for names in self._all)

    def changed_at(self, name: str | None, *, is_stale: bool) -> str:
        """Since when what it sets under a name is what it sets now.

        Args:
            name: None for everything.
            is_stale: whether it would set something else if it ran again.
        """
        value = self.names.lasting.get(name or "")
        if is_stale and value is None:
            return NOW
        if not self._has_changed:
            return NEVER

        def is_as_now(run: Run) -> bool:
            if value is None:
                return run.source == self.source
            names = self._names_of(run.source)
            return names is not None and names.lasting.get(name or "") == value

        same = list(takewhile(is_as_now, reversed(self.runs)))
        if not same:
            return NOW
        return NEVER if len(same) == len(self.runs) else same[-1].at


class Notebook:
    """The cells of a notebook.

    Args:
        cells: those that hold code, in order.
        names_of: gives the names of a source by its digest, if they are known.

    Attributes:
        cells: they.
        written: the indices of the cells that may have set a name.
    """

    def __init__(self, cells: Sequence[CellRuns], names_of: NamesOf) -> None:
        self.cells = [Cell(cell, names_of) for cell in cells]
        self.written: dict[str, list[int]] = {}
        for index, cell in enumerate(self.cells):
            for name in cell.writes:
                self.written.setdefault(name, []).append(index)
