"""The globals of functions, as Python itself finds them: :mod:`symtable`."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from .changes import changed_names

CELL = "<a cell>"
"""What a source is called that is read, not run."""


@dataclass(frozen=True, slots=True)
class Globals:
    """What a function does to names that are not its own, when it is called.

    Attributes:
        reads: it may read these.
        writes: it may set these, or change them in place.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def __or__(self, other: Globals) -> Globals:
        return Globals(self.reads | other.reads, self.writes | other.writes)


class Functions:
    """The functions of a source, lambdas included. Raises as ``symtable.symtable``."""

    def __init__(self, source: str) -> None:
        self._found: dict[tuple[str, int], Globals] = {}
        for table in _functions(symtable.symtable(source, CELL, "exec")):
            key = (table.get_name(), table.get_lineno())
            known = self._found.get(key, Globals())  # two lambdas of one line cannot be told apart
            inner = list(_all(table))
            reads = {
                symbol.get_name()
                for scope in inner
                for symbol in scope.get_symbols()
                if symbol.is_global() and symbol.is_referenced()
            }
            writes = {
                symbol.get_name()
                for scope in inner
                for symbol in scope.get_symbols()
                if symbol.is_declared_global() and symbol.is_assigned()
            }
            self._found[key] = known | Globals(frozenset(reads), frozenset(writes))

    def globals_of(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Globals:
        """Those of a function."""
        name = "lambda" if isinstance(node, ast.Lambda) else node.name
        found = self._found.get((name, node.lineno), Globals())
        return Globals(found.reads, found.writes | (changed_names(node) & found.reads))


def _functions(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """All functions that are in no other one."""
    for child in table.get_children():
        if child.get_type() == "function":
            yield child
        else:
            yield from _functions(child)


def _all(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _all(child)
