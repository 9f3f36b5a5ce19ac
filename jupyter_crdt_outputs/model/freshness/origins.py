"""Where the names that a cell reads have their values from: what the cells above it have set."""

from __future__ import annotations

import builtins

from ..analysis import DYNAMIC, MODULE
from .cells import NEVER, NOW, Cell
from .sources import Sources

BUILT_IN = frozenset({*dir(builtins), "__file__", "get_ipython", "display", "exit", "quit"})


class Origins:
    """What the cells that were passed so far have set, on the way through a notebook from its top.

    Attributes:
        unknown: cells that may have set any name.
        lost: cells that ran with a source that is not known.
        anything: all that have set something.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Sources] = {}
        self.unknown = Sources()
        self.lost = Sources()
        self.anything = Sources()

    def of(self, name: str) -> Sources | None:
        """Where a name is from; None when no cell above is known to have set it."""
        return self._by_name.get(name)

    def cells_for(self, cell: Cell, read: set[str]) -> set[int]:
        """The cells above that may have set what a cell reads, which :meth:`used` tells."""
        found: set[int] = set()
        if cell.names.reads_any or not DYNAMIC.isdisjoint(read):
            found.update(self.anything.since(0))
        for name in read:
            sources = self._by_name.get(name)
            if sources is not None:
                found.update(sources.since(0))
            if name not in BUILT_IN:
                found.update(self.unknown.since(0 if sources is None else sources.start))
        return found

    def used(self, cell: Cell) -> tuple[set[str], set[str]]:
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

    def passed(self, index: int, cell: Cell, changed: set[str], *, is_stale: bool) -> None:
        """A cell that has run is above what comes now.

        Args:
            index: of the cell.
            cell: which.
            changed: what the functions change that it uses.
            is_stale: whether it would set something else if it ran again.
        """
        for name in cell.writes | changed:
            self._set(index, cell, name, is_stale=is_stale)
        for sources, is_meant in (
            (self.unknown, cell.writes_any),
            (self.lost, cell.is_lost),
            (self.anything, bool(cell.writes or cell.writes_any or changed)),
        ):
            if is_meant:
                sources.add(index, cell, cell.changed_at(None, is_stale=is_stale))

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
            if sources is None and need in BUILT_IN:
                continue
            if sources is None or not sources.lasts:
                return False, cell.changed_at(None, is_stale=is_stale)
            if sources.changed != NEVER:  # then this has been made of it since the cell ran, or is to be made of it
                changed = max(changed, NOW if sources.changed > cell.run.at else cell.run.at)
        return True, changed
