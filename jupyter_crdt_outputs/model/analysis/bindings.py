"""What becomes of names on the way through a cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .names import DYNAMIC, MODULE, Names
from .scopes import Functions, Globals

_HISTORY = re.compile(r"In|Out|_[io]h|_i*\d+")
_PASSING = frozenset({"_", "__", "___"})


class Bindings(ast.NodeVisitor):
    """Notes what a cell does with its names; whoever visits the cell tells it, in the order in which Python does it.

    Args:
        functions: those of the cell.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._reads: set[str] = set()
        self._writes: set[str] = set()
        self._bound: set[str] = set()
        self._assigned: set[str] = set()
        self._lasting: dict[str, str | None] = {}
        self._needs: dict[str, frozenset[str]] = {}
        self._later: dict[str, Globals] = {}
        self._reads_any = self._writes_any = False
        self._local: list[set[str]] = []
        self._loaded: list[set[str]] = []
        self._used: set[str] = set()
        self._branches = 0

    def names(self) -> Names:
        """What was found."""
        return Names(
            frozenset(self._reads - _PASSING),
            frozenset(self._writes - _PASSING),
            frozenset(self._bound - _PASSING),
            frozenset(self._writes - self._assigned),
            {name: mark for name, mark in self._lasting.items() if mark},
            {name: needs for name, needs in self._needs.items() if needs and self._lasting.get(name)},
            {name: each.reads for name, each in self._later.items() if each.reads},
            {name: each.writes for name, each in self._later.items() if each.writes},
            self._reads_any,
            self._writes_any,
        )

    def _load(self, name: str) -> None:
        for loaded in self._loaded:
            loaded.add(name)
        if any(name in names for names in self._local):
            return
        if name in self._later:
            self._use(name)
        if name not in self._bound:
            self._reads.add(name)
            self._reads_any |= name in DYNAMIC or _HISTORY.fullmatch(name) is not None
            self._writes_any |= name in DYNAMIC and name != "eval"

    def _use(self, name: str) -> None:
        """A function of this cell may be called here."""
        if name in self._used:
            return
        self._used.add(name)
        for other in self._later[name].reads - {name}:
            self._load(other)
        for other in self._later[name].writes:
            self._lasting[other] = None
            self._writes.add(other)
            self._assigned.add(other)

    def _bind(self, name: str, mark: str | None = None, later: Globals | None = None, *, adds: bool = False) -> None:
        """Set a name here.

        Args:
            name: which.
            mark: what it is set to, when that is the same each time.
            later: of a function.
            adds: whether what it was stays, and becomes more, as a package with another one of its modules.
        """
        if self._local:
            self._local[-1].add(name)
            return
        is_sure = self._branches == 0
        was = "" if is_sure and not adds else self._lasting.get(name, "")
        self._lasting[name] = None if mark is None or was is None else was + mark
        self._needs.pop(name, None)
        if later is not None or is_sure:
            before = Globals() if is_sure else self._later.get(name, Globals())
            self._later[name] = before | (later or Globals())
        self._used.discard(name)
        self._writes.add(name)
        self._assigned.add(name)
        self._bound.add(name)

    def _change(self, name: str | None, mark: str | None = None, *, by_method: bool = False) -> None:
        """Change in place what has a name.

        Args:
            name: which; None for what has none.
            mark: how, when that is the same each time.
            by_method: whether a method does it.
        """
        if name is None or any(name in names for names in self._local):
            return
        if name not in self._bound:
            self._reads.add(name)
        was = self._lasting.get(name)
        if by_method and (was or "").startswith(MODULE):
            return
        self._lasting[name] = None if mark is None or was is None else was + mark
        self._writes.add(name)
        if not by_method:
            self._assigned.add(name)

    @contextmanager
    def _inner(self, names: Iterable[str] = ()) -> Iterator[set[str]]:
        """A scope of its own, with the names that are set in it."""
        self._local.append(set(names))
        yield self._local[-1]
        self._local.pop()
