"""Where names have their values from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..analysis import NONE
from .cells import NEVER, Cell, Gone, NamesOf, Notebook, Run

_MOST_REMEMBERED = 100


@dataclass(slots=True)
class Sources:
    """Where a name may have its value from, at one place of the notebook.

    Attributes:
        start: index of the cell above which nothing counts any more.
        changed: when one of the cells last came to set something else.
        lasts: whether it would be the same again if they ran again.
        is_module: whether it is one.
        functions: those of the cells that have set a function.
    """

    start: int = -1
    changed: str = NEVER
    lasts: bool = True
    is_module: bool = True
    functions: list[Cell] = field(default_factory=list)
    _cells: list[tuple[int, Cell, str, bool]] = field(default_factory=list)
    _set_at: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        index: int,
        cell: Cell,
        changed: str,
        *,
        lasts: bool = False,
        is_module: bool = False,
        has_functions: bool = False,
    ) -> None:
        """One more cell that may have set it.

        Args:
            index: of the cell.
            cell: which has run.
            changed: since when it sets what it sets now.
            lasts: whether to set it again changes nothing.
            is_module: whether it is a module.
            has_functions: whether it is a function.
        """
        self._cells.append((index, cell, changed, lasts))
        self.changed = max(self.changed, changed)
        self.lasts = self.lasts and lasts
        self.is_module = self.is_module and is_module
        if has_functions:
            self.functions.append(cell)
        if not lasts and cell.run is not None:
            process = cell.run.process
            self._set_at[process] = max(self._set_at.get(process, NEVER), cell.run.at)

    def since(self, start: int) -> Iterator[int]:
        """The cells from one on."""
        return (index for index, _, _, _ in self._cells if index >= start)

    def changed_since(self, run: Run, start: int = -1) -> Iterator[int]:
        """The cells from one on that have set something else since a run, or, in the same kernel, set it again."""
        if self.changed <= run.at and self._set_at.get(run.process, NEVER) <= run.at:
            return
        for index, cell, changed, lasts in self._cells:
            other = cell.run
            is_again = not lasts and other is not None and other.process == run.process and other.at > run.at
            if index > start and (changed > run.at or is_again):
                yield index


class Deleted:
    """What deleted cells had set.

    Args:
        gone: the cells.
        names_of: gives the names of a source by its digest, if they are known.
    """

    def __init__(self, gone: Sequence[Gone], names_of: NamesOf) -> None:
        self._by_name: dict[str | None, deque[tuple[Run, str]]] = {}
        for cell in gone:
            for run in cell.runs:
                names = names_of(run.source) or NONE
                for name in [*names.writes, *([None] if names.writes_any else [])]:
                    self._by_name.setdefault(name, deque(maxlen=_MOST_REMEMBERED)).append((run, cell.at))

    def had_set(self, name: str, run: Run, notebook: Notebook) -> bool:
        """Whether a run has read from such a cell, which was there at that time."""
        set_at = max(
            (
                earlier.at
                for key in (name, None)
                for earlier, gone_at in self._by_name.get(key, ())
                if earlier.process == run.process and earlier.at < run.at < gone_at
            ),
            default=None,
        )
        return set_at is not None and not any(
            other.process == run.process and set_at < other.at < run.at
            for index in notebook.written.get(name, ())
            for other in notebook.cells[index].runs
        )
