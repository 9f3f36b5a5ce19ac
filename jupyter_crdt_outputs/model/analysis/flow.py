"""The way through a cell of Python: what is set on every way before it is read."""

# ruff: noqa: D102 - the methods are called as `ast` says

from __future__ import annotations

import ast
import hashlib

from .changes import root_of
from .expressions import Expressions, Parse
from .names import MODULE
from .scopes import Functions, Globals


class Flow(Expressions):
    """Visits the statements of a cell in their order.

    Args:
        functions: those of the cell.
        parse: reads code that a magic runs.
    """

    def __init__(self, functions: Functions, parse: Parse) -> None:
        super().__init__(functions, parse)
        self._methods: list[Globals] = []

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._ways(node.body, node.orelse)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._ways(node.body, [])
        self._all(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._ways([node.target, *node.body], [])
        self._all(node.orelse)

    visit_AsyncFor = visit_For

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        before = set(self._bound)
        handlers = [[each.type, *_named(each), *each.body] for each in node.handlers]
        self._ways([*node.body, *node.orelse], *handlers)
        after, self._bound = self._bound, before
        self._all(node.finalbody)
        self._bound |= after

    visit_TryStar = visit_Try

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._ways(*([each.pattern, each.guard, *each.body] for each in node.cases), [])

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.generic_visit(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self._bind(name)

    visit_MatchStar = visit_MatchMapping = visit_MatchAs

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(node.value, ast.Lambda) and isinstance(target, ast.Name) and len(node.targets) == 1:
            self.visit(node.value.args)
            self._bind(target.id, _mark(node.value), self._functions.globals_of(node.value))
            return
        self.visit(node.value)
        for each in node.targets:
            if isinstance(node.value, ast.Constant) and isinstance(each, ast.Attribute | ast.Subscript):
                self.generic_visit(each)
                self._change(root_of(each), _mark(node))
            else:
                self.visit(each)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._load(node.target.id)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._all([node.annotation, node.value])
        if node.value is not None:
            self.visit(node.target)

    def visit_Import(self, node: ast.Import) -> None:
        for each in node.names:
            name = each.asname or each.name.partition(".")[0]
            self._bind(name, MODULE + _mark(each), adds=name in self._bound)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for each in node.names:
            if each.name == "*":
                self._writes_any = True
            elif node.module != "__future__":
                self._bind(each.asname or each.name, f"{node.level} {node.module} {_mark(each)}")

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        made_of: set[str] = set()
        self._loaded.append(made_of)
        self._all(node.decorator_list)
        with self._inner(_parameters_of_type(node)):
            self._all([node.args, node.returns])
        self._loaded.pop()
        later = self._functions.globals_of(node)
        if self._methods:
            self._methods[-1] |= later
        is_made_anew = any(isinstance(each, ast.Call) for each in [*node.args.defaults, *node.args.kw_defaults])
        self._define(node, made_of, later, is_made_anew=is_made_anew)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        made_of: set[str] = set()
        self._loaded.append(made_of)
        self._all(node.decorator_list)
        with self._inner(_parameters_of_type(node)):
            self._all([*node.bases, *node.keywords])
        self._methods.append(Globals())
        with self._inner() as own:
            self._all(node.body)
        self._loaded.pop()
        later = self._methods.pop()
        if self._methods:
            self._methods[-1] |= later
        self._define(node, made_of - own, later)

    def _define(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
        made_of: set[str],
        later: Globals,
        *,
        is_made_anew: bool = False,
    ) -> None:
        """Bind a name to a function or a class: the same again as long as what it is made of is."""
        marks = [self._lasting.get(name) for name in sorted(made_of & self._writes)]
        mark = None if is_made_anew or None in marks else "".join([_mark(node), *map(str, marks)])
        self._bind(node.name, mark, later)
        if not self._local:
            self._needs[node.name] = frozenset(made_of - self._bound)


def _named(handler: ast.ExceptHandler) -> list[ast.AST]:
    return [] if handler.name is None else [ast.Name(handler.name, ast.Store())]


def _parameters_of_type(node: ast.AST) -> list[str]:
    return [each.name for each in getattr(node, "type_params", ())]


def _mark(node: ast.AST) -> str:
    return hashlib.sha256(ast.dump(node).encode("utf-8", "surrogatepass")).hexdigest()[:16]
