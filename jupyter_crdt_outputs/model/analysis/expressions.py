"""The way through the expressions of a cell of Python, magics included."""

# ruff: noqa: D102 - the methods are called as `ast` says

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from . import ipython
from .bindings import Bindings
from .changes import changed_by, root_of
from .scopes import Functions

_LOOK_AROUND = frozenset({"locals", "vars", "dir"})
_DEEPEST = 3

Parse = Callable[[str], tuple[ast.Module, Functions]]


class Expressions(Bindings):
    """Visits the expressions of a cell in their order.

    Args:
        functions: those of the cell.
        parse: reads code that a magic runs.
    """

    def __init__(self, functions: Functions, parse: Parse) -> None:
        super().__init__(functions)
        self._parse = parse
        self._depth = 0

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node.id)
            return
        if isinstance(node.ctx, ast.Del):
            self._load(node.id)
        self._bind(node.id)

    def visit_Attribute(self, node: ast.Attribute | ast.Subscript) -> None:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            self._change(root_of(node))

    visit_Subscript = visit_Attribute

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        inner, self._local = self._local, []  # beyond a comprehension; a class cannot have one in such a place
        self._bind(node.target.id)
        self._local = inner

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        before = set(self._bound)
        self._all(node.values[1:])
        self._bound = before

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._ways([node.body], [node.orelse])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        later = self._functions.globals_of(node)
        for name in later.reads:
            self._load(name)
        for name in later.writes:
            self._change(name)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.visit(node.generators[0].iter)
        before = set(self._bound)
        with self._inner():
            for number, each in enumerate(node.generators):
                self._all([each.iter] if number else [])
                self._all([each.target, *each.ifs])
            self._all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self._bound = before

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and _is_ipython(function.value):
            self._ipython(function.attr, node.args)
            return
        self.generic_visit(node)
        self._change(changed_by(node), by_method=True)
        if isinstance(function, ast.Name) and function.id in _LOOK_AROUND and not node.args:
            self._reads_any = True

    def _ipython(self, does: str, given: Sequence[ast.expr]) -> None:
        """A magic, or something else that IPython is told."""
        texts = [each.value if isinstance(each, ast.Constant) else None for each in given]
        known = [text for text in texts if isinstance(text, str)]
        if does == "run_line_magic" and len(known) == 2:
            self._magic(ipython.line_magic(known[0], known[1]))
        elif does == "run_cell_magic" and len(known) == 3:
            self._magic(ipython.cell_magic(known[0], known[1], known[2]))
        elif does in ("system", "getoutput") and known:
            self._magic(ipython.Magic(reads=ipython.expanded(known[0])))
        else:
            self._reads_any = self._writes_any = True

    def _magic(self, magic: ipython.Magic) -> None:
        for name in magic.reads:
            self._load(name)
        if magic.code.strip():
            self._run(magic)
        for name in magic.binds:
            self._bind(name)
        self._reads_any |= magic.is_unknown
        self._writes_any |= magic.is_unknown

    def _run(self, magic: ipython.Magic) -> None:
        """Go through the code that a magic runs."""
        if self._depth == _DEEPEST:
            raise RuntimeError("magics in magics in magics")
        outer, (tree, self._functions) = self._functions, self._parse(magic.code)
        self._depth += 1
        if magic.keeps:
            self._all(tree.body)
        else:
            with self._inner():
                self._all(tree.body)
        self._depth -= 1
        self._functions = outer

    def _all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _ways(self, *ways: Sequence[ast.AST | None]) -> None:
        """One of these is gone; what all of them set is set for sure."""
        before, ends = self._bound, []
        self._branches += 1
        for way in ways:
            self._bound = set(before)
            self._all(way)
            if not (way and isinstance(way[-1], ast.Raise | ast.Return)):
                ends.append(self._bound)
        self._branches -= 1
        self._bound = set.intersection(*ends) if ends else set(before)


def _is_ipython(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"
