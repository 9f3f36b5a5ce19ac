"""Which names cells set and read."""

from __future__ import annotations

import sys
import warnings

import pytest

from jupyter_crdt_outputs.model.analysis import ANY, NONE, names_of

CASES = {
    # source: reads, writes
    "x = y": ("y", "x"),
    "x += 1": ("x", "x"),
    "x: int = y": ("int y", "x"),
    "x: int": ("int", ""),
    "x = y; y = x": ("y", "x y"),
    "df['x'] = y": ("df y", "df"),
    "df.x.y[0] = 1": ("df", "df"),
    "del d['x']": ("d", "d"),
    "l.append(x)": ("l x", "l"),
    "df.drop('x', inplace=True)": ("df", "df"),
    "df.drop('x', inplace=False)": ("df", ""),
    "df.head()": ("df", ""),
    "t.add_(1)": ("t", "t"),
    "random.shuffle(l)": ("random l", "l"),
    "setattr(x, 'a', 1)": ("setattr x", "x"),
    "import os\nos.remove('a')": ("", "os"),
    "import a.b, c.d as e": ("", "a e"),
    "from a import b as c, d": ("", "c d"),
    "del x": ("x", "x"),
    "[x for x in y if z(x)]": ("y z", ""),
    "{k: v for k, v in d.items()}": ("d", ""),
    "(a := b) and (c := a)": ("b", "a c"),
    "[q := i for i in r]": ("r", "q"),
    "lambda x, y=z: x + w": ("z w", ""),
    "with a as b: b.c": ("a", "b"),
    "async with a as b:\n  await b": ("a", "b"),
    "async for i in x: print(i)": ("x print", "i"),
    "print(await f(x))": ("print f x", ""),
    "for i in x: y = i": ("x", "i y"),
    "for i in x: pass\nprint(i)": ("x i print", "i"),
    "if a: b = 1\nprint(b)": ("a b print", "b"),
    "if a: b = 1\nelse: b = 2\nprint(b)": ("a print", "b"),
    "try: import a\nexcept ImportError: a = None\na": ("ImportError", "a"),
    "try: a = b\nexcept E as e: raise\na": ("b E", "a e"),
    "try: a = b\nfinally: print(c)": ("b print c", "a"),
    "while a: b = a": ("a", "b"),
    "match a:\n  case [b, *c]: d = b\n  case {'x': e, **f}: pass": ("a", "b c d e f"),
    "def f(x=y): return x + z": ("y", "f"),
    "def f(): return z\nf()": ("z", "f"),
    "z = 1\ndef f(): return z\nf()": ("", "z f"),
    "def f():\n  global z\n  z = 1": ("", "f"),
    "def f():\n  global z\n  z = 1\nf()": ("", "f z"),
    "def f(): l.append(1)\nf()": ("l", "f l"),
    "def f():\n  def g(): return z\n  return g\nf()()": ("z", "f"),
    "def f():\n  z = 1\n  def g():\n    nonlocal z\n    z = 2\nf()": ("", "f"),
    "class A(B):\n  x = y\n  z = x\n  def f(self): return w": ("B y", "A"),
    "class A:\n  def f(self): return w\nA()": ("w", "A"),
    "@d\ndef f(): pass": ("d", "f"),
    "%time x = y": ("y", "x"),
    "%timeit -n 10 x = y": ("y", ""),
    "%%time\nx = y": ("y", "x"),
    "%%timeit\nx = y": ("y", ""),
    "%%capture out\nx = y": ("y", "x out"),
    "%%time\n%%capture out\nx = y": ("y", "x out"),
    "%%bash\necho $x": ("", ""),
    "%%bash --out o\nls": ("", "o"),
    "%%javascript\nlet x = 1": ("", ""),
    "%%writefile {name}\nx": ("name", ""),
    "%load_ext autoreload\n%autoreload 2": ("", ""),
    "%matplotlib inline\nx = 1": ("", "x"),
    "!ls {x} $y": ("x y", ""),
    "a = !ls {x}": ("x", "a"),
    "a = %fetch x": ("x", "a"),
    "df?": ("", ""),
    "print??": ("", ""),
    "from __future__ import annotations": ("", ""),
    "_ = x\nprint(_)": ("x print", ""),
}


@pytest.mark.parametrize("source", CASES)
def test_names_that_are_read_and_written(source: str) -> None:
    reads, writes = ({*names.split()} for names in CASES[source])
    names = names_of(source)
    assert (set(names.reads) - {"annotations"}, set(names.writes)) == (reads, writes)
    assert not names.reads_any
    assert not names.writes_any


@pytest.mark.parametrize("source", ["exec('x = 1')", "globals()['x'] = 1", "%run other.py", "%%sql\nselect 1"])
def test_what_may_do_anything(source: str) -> None:
    names = names_of(source)
    assert (names.reads_any, names.writes_any) == (True, True)


def test_what_may_do_some_things() -> None:
    assert (names_of("eval('x')").reads_any, names_of("eval('x')").writes_any) == (True, False)
    assert (names_of("from a import *").reads_any, names_of("from a import *").writes_any) == (False, True)
    assert names_of("print(_3, Out[2])").reads_any


@pytest.mark.parametrize("source", ["", "  \n", "# only words"])
def test_what_does_nothing(source: str) -> None:
    assert names_of(source) == NONE


DEEP = 200_000
HOSTILE = {
    "brackets": "(" * DEEP + ")" * DEEP,
    "minus": "-" * 90_000 + "1",
    "sum": "+".join(["1"] * 40_000),
    "attributes": "a" + ".b" * 40_000,
    "blocks": "".join(f"{' ' * depth}if a:\n" for depth in range(90)) + " " * 90 + "b = 1",
    "nested functions": "".join(f"{' ' * depth}def f(): \n" for depth in range(90)) + " " * 90 + "b = 1",
    "branches": "\n".join(f"if a: b{number} = 1" for number in range(5_000)),
    "functions": "\n".join(f"def f{n}(): return f{n + 1}()\nf{n}()" for n in range(2_500)),
    "long": "x = 1\n" * 2_000_000,
    "magics": "%time x\n" * 12_000,
    "cell magics": "%%time\n" * 14_000,
    "questions": "x?\n" * 33_000,
    "null": "x = '\0'",
    "surrogate": "x = '\ud800'",
    "not Python": "x +",
    "a number": "9" * 50_000,
    "an f-string": "f'" + "{" * 1_000 + "}" * 1_000 + "'",
    "indented": " " * 90_000 + "x",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sources_are_read_soon_or_not_at_all(source: str) -> None:
    names_of(source)  # what is not bounded takes longer than any test may


def test_the_parser_warns_nobody_and_nothing_is_run() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert names_of(r"x = '\d'").writes == {"x"}
        assert names_of("import sys\nsys.was_run = True").writes == {"sys"}
    assert told == []
    assert not hasattr(sys, "was_run")


def test_what_is_no_python_is_known_to_be_none() -> None:
    assert names_of("x +") is ANY
