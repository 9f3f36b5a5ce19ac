"""What changes a Python object in place, as far as that can be seen: a method's name, an assignment to a part of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_METHODS = frozenset(
    "append appendleft extend extendleft insert add discard remove pop popleft popitem clear update setdefault sort "  # noqa: SIM905
    "reverse rotate subtract difference_update intersection_update symmetric_difference_update write writelines "
    "fill itemset put resize setflags fit fit_transform partial_fit load_state_dict".split()
)
"""Of the built-in collections, files, arrays and models."""

_FUNCTIONS = frozenset("setattr delattr next shuffle heappush heappop heapify heapreplace heappushpop copyto".split())  # noqa: SIM905
"""Change their first argument."""


def root_of(node: ast.expr) -> str | None:
    """The name that an expression like ``a.b[c].d`` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def changed_by(call: ast.Call) -> str | None:
    """The name of what a call changes."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in _FUNCTIONS and call.args:
        return root_of(call.args[0])
    if isinstance(function, ast.Attribute) and (name in _METHODS or _is_in_place(name, call)):
        return root_of(function.value)
    return None


def changed_names(function: ast.AST) -> frozenset[str]:
    """The names of what a function changes, its own among them."""
    return frozenset(_changed_names(function))


def _changed_names(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        name = None
        if isinstance(node, ast.Call):
            name = changed_by(node)
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            name = root_of(node)
        if name is not None:
            yield name


def _is_in_place(name: str, call: ast.Call) -> bool:
    """``df.drop(…, inplace=True)`` of pandas, and ``x.add_(…)`` of torch."""
    if name.endswith("_") and not name.endswith("__"):
        return True
    values = [each.value for each in call.keywords if each.arg == "inplace"]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in values)
