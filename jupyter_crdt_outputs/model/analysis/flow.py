"""The way through a cell of Python: what is set on every way before it is read."""

# ruff: noqa: D102 - the methods are called as `ast` says

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Sequence

from . import ipython
from .bindings import Bindings
from .changes import changed_by, root_of
from .names import MODULE
from .scopes import Functions, Globals

_LOOK_AROUND = frozenset({"locals", "vars", "dir"})
_DEEPEST = 3

Parse = Callable[[str], tuple[ast.Module, Functions]]


class Flow(Bindings):
    """Visits the statements of a cell in their order.

    Args:
        functions: those of the cell.
        parse: reads code that a magic runs.
    """

    def __init__(self, functions: Functions, parse: Parse) -> None:
        super().__init__(functions)
        self._parse = parse
        self._methods: list[Globals] = []
        self._depth = 0

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


def _named(handler: ast.ExceptHandler) -> list[ast.AST]:
    return [] if handler.name is None else [ast.Name(handler.name, ast.Store())]


def _parameters_of_type(node: ast.AST) -> list[str]:
    return [each.name for each in getattr(node, "type_params", ())]


def _is_ipython(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


def _mark(node: ast.AST) -> str:
    return hashlib.sha256(ast.dump(node).encode("utf-8", "surrogatepass")).hexdigest()[:16]
