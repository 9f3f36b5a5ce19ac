"""The names of a cell of Python: read by parsing it, never by running it.

Parsing and scopes are Python's own (``ast``, ``symtable``), what IPython adds is IPython's
(:mod:`.ipython`). Only the flow through a cell is found out here: which names are set *before* they are read, on
every way. beniget and pyflakes tell where a name may have been set, but not whether it surely was; ipyflow tells it by
running the cell.
"""

from __future__ import annotations

import ast
import re
import tokenize
import warnings

from . import ipython
from .flow import Flow
from .names import ANY, NONE, Names
from .scopes import CELL, Functions

_LONGEST = 100_000
"""Characters; a longer cell is data. Python takes about 0.1 s for so much."""


def names_of(source: str) -> Names:
    """The names of a cell; :data:`ANY` when it cannot be read, as what is no Python or is too long."""
    if not source.strip():
        return NONE
    if len(source) > _LONGEST:
        return ANY
    try:
        return _read(source)
    except (SyntaxError, ValueError, RuntimeError, MemoryError, tokenize.TokenError):
        return ANY


def _read(source: str) -> Names:
    # What the parser thinks of an escape in a string is for whoever runs it. No other way to silence it is safe among
    # threads; the filter is for our sources alone, and there is one however often it is set.
    warnings.filterwarnings("ignore", module=re.escape(CELL))
    tree, functions = _parsed(source)
    flow = Flow(functions, _parsed)
    flow.visit(tree)
    return flow.names()


def _parsed(source: str) -> tuple[ast.Module, Functions]:
    try:
        tree = ast.parse(source, CELL)
    except SyntaxError:
        source = ipython.to_python(source)
        tree = ast.parse(source, CELL)
    return tree, Functions(source)
