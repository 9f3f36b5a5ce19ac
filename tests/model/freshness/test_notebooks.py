"""What is stale in small notebooks, as people write them."""

from __future__ import annotations

import pytest

from .sessions import Session, marks, ran

ORDINARY = {
    "redefined below": ["x = 1", "print(x)", "x = 2", "print(x)"],
    "changed in place": ["l = []", "l.append(1)", "l.append(2)", "print(l)"],
    "loops share their variable": ["for i in range(3):\n  print(i)", "for i in range(2):\n  print(i)"],
    "functions that read later names": ["def f():\n  return g()", "def g():\n  return 1", "print(f())"],
    "objects of a class that reads later names": [
        "class A:\n  def m(self):\n    return g()",
        "a = A()",
        "def g():\n  return 1",
        "print(a.m())",
    ],
    "files of one name": [
        "import io",
        "with io.StringIO() as f:\n  f.write('a')",
        "with io.StringIO() as f:\n  f.write('b')",
    ],
    "star": ["from math import *", "print(sin(0))", "pi = 3", "print(pi)"],
    "exec": ["exec('x = 1')", "print(x)", "print(eval('x'))"],
    "an error": ["x = 1", "1/0", "print(x)"],
    "not Python": ["x = 1", "x +", "print(x)"],
    "deleted names": ["x = 1", "print(x)", "del x", "y = 2"],
    "comments": ["# a", "", "x = 1", "  \n", "print(x)"],
}


@pytest.mark.parametrize("sources", ORDINARY.values(), ids=ORDINARY)
@pytest.mark.parametrize("times", [1, 2])
def test_nothing_is_stale_that_was_run_from_the_top(sources: list[str], times: int) -> None:
    session = Session(sources)
    assert set(marks(session)) == {"."}
    for _ in range(times):
        session.run_all()
        assert set(marks(session)) == {"."}
    session.restart()
    assert set(marks(session)) == {"."}
    session.run_all()
    assert set(marks(session)) == {"."}


EDITS = [
    (["x = 1", "print(x)", "print(2)"], {0: "x = 5"}, "eu."),
    (["x = 1", "y = x", "z = y", "print(z)", "w = 1"], {0: "x = 5"}, "euuu."),
    (["x = 1", "y = x", "x = 2", "print(x)"], {0: "x = 5"}, "eu.."),
    (["x = 1", "if y := 0:\n  x = 2", "print(x)"], {0: "x = 5"}, "e.u"),
    (["x = 1", "print(x)"], {1: "print(x, x)"}, ".e"),
    (["l = []", "l.append(1)", "print(l)"], {1: "l.append(2)"}, ".eu"),
    (["d = {}", "d['a'] = 1", "print(d)"], {1: "d['a'] = 2"}, ".eu"),
    (["class A: pass", "a = A()", "a.b = 1", "print(a.b)"], {2: "a.b = 2"}, "..eu"),
    (["x = 1", "x += 1", "print(x)"], {1: "x += 2"}, ".eu"),
    (["def f():\n  return g", "g = 1", "print(f())", "print(f)"], {1: "g = 2"}, ".euu"),
    (["g = 1\ndef f(): return g", "def h(): return f()", "print(h())"], {0: "g = 2\ndef f(): return g"}, "e.u"),
    (["def f():\n  global n\n  n = 1", "n = 0", "f()", "print(n)"], {2: "f()  # again"}, "..eu"),
    (["l = []", "def add(x):\n  l.append(x)", "add(1)", "print(l)"], {2: "add(2)"}, "..eu"),
    (["import math", "print(math.pi)", "y = 1"], {0: "import math\nimport os"}, "e.."),
    (["import math", "print(math.pi)"], {0: "import cmath as math"}, "eu"),
    (["def f(): return 1", "print(f())"], {0: "def f(): return 1\ndef g(): return 2"}, "e."),
    (["def f(): return 1", "print(f())"], {0: "def f(): return 2"}, "eu"),
    (["class A: pass", "class B(A): pass", "print(B)"], {0: "class A: x = 1"}, "euu"),
    (["from math import *", "print(sin(0))", "print('a')"], {0: "from cmath import *"}, "eu."),
    (["from math import *", "sin = abs", "print(sin(0))"], {0: "from cmath import *"}, "e.."),
    (["x = 1", "exec('y = x')", "print(y)", "print('a')"], {0: "x = 2"}, "euu."),
    (["x = 1", "print(eval('x'))", "print('a')"], {0: "x = 2"}, "eu."),
    (["x = [1]", "print([x for x in x])", "print([y for y in range(2)])"], {0: "x = [2]"}, "eu."),
    (["y = 1", "print([y for y in range(2)])"], {0: "y = 5"}, "e."),
    (["x = 1", "class A:\n  y = x", "print(A.y)"], {0: "x = 5"}, "euu"),
    (["x = 1", "(lambda: print(x))()", "print((lambda x: x)(1))"], {0: "x = 5"}, "eu."),
    (["x = 1", "if (n := x) > 0:\n  print(n)", "print(n)"], {0: "x = 5"}, "euu"),
    (["x = 1", "y = 1", "print(x)"], {1: "x = 2"}, ".eu"),
    (["x = 1", "x = 2\ny = 1", "print(x)"], {1: "y = 1"}, ".eu"),
    (["x = 1", "print(x)"], {0: "x = "}, "eu"),
    (["x = 1", "print(x)", "y = 1", "print(y)"], {0: "x = "}, "eu.."),
    (["x = 1", "print(x"], {0: "x = 2"}, "eu"),
    (["print('a')", "print('b')"], {0: "print('c')"}, "e."),
    (["print = print", "print(1)"], {0: "print = repr"}, "eu"),
]


@pytest.mark.parametrize(("sources", "edits", "expected"), EDITS)
def test_what_was_edited_is_stale_and_what_reads_from_it(
    sources: list[str], edits: dict[int, str], expected: str
) -> None:
    session = ran(sources)
    for index, source in edits.items():
        session.edit(index, source)
    assert marks(session) == expected
    for index in edits:
        session.edit(index, sources[index])
    assert set(marks(session)) == {"."}


def test_the_reasons_are_named_directly() -> None:
    session = ran(["x = 1", "y = x", "print(y)", "print(x, y)"])
    session.edit(0, "x = 2")
    assert session.because() == [[], ["0"], ["1"], ["0", "1"]]


def test_what_was_run_again_makes_stale_what_had_read_from_it() -> None:
    session = ran(["x = 1", "print(x)", "import os", "print(os)", "def f(): return 1", "print(f())"])
    session.run(0)
    assert marks(session) == ".u...."
    assert session.because()[1] == ["0"]
    session.run(2, 4)
    assert marks(session) == ".u...."
    session.run(1)
    assert marks(session) == "......"


def test_what_was_run_in_a_former_kernel_is_not_stale_for_that_but_for_other_sources() -> None:
    session = ran(["x = 1", "print(x)"])
    session.restart()
    session.run(0)
    assert marks(session) == ".."
    session.edit(0, "x = 2")
    assert marks(session) == "eu"
    session.run(0)
    assert marks(session) == ".u"
    session.run(1)
    assert marks(session) == ".."


def test_what_a_cell_no_longer_sets_is_missed_where_it_was_read() -> None:
    session = ran(["x = 1", "print(x)", "print(1)"])
    session.edit(0, "y = 1")
    assert marks(session) == "eu."
    session.run(0)
    assert marks(session) == ".u."


def test_what_a_deleted_cell_had_set_is_missed_until_the_reader_runs_again() -> None:
    session = ran(["x = 1", "print(x)", "x = 3", "print(x)", "print(1)"])
    session.delete(2)
    assert marks(session) == "..u."
    assert session.because()[2] == []
    session.run(2)
    assert marks(session) == "...."


def test_a_deleted_cell_is_not_missed_where_others_had_set_the_name_since() -> None:
    session = ran(["x = 1", "x = 2", "x = 3", "print(x)"])
    session.delete(1)
    assert marks(session) == "..."


def test_a_new_cell_counts_once_it_has_run() -> None:
    session = ran(["x = 1", "print(x)"])
    session.insert(1, "x = 2")
    assert marks(session) == "..."
    session.run(1)
    assert marks(session) == "..u"


def test_a_function_that_stands_below_counts_where_it_was_used() -> None:
    session = Session(["print(f())", "def f(): return 1"])
    session.run(1, 0)
    assert marks(session) == ".."
    session.edit(1, "def f(): return 2")
    assert marks(session) == "ue"
    session.run(1)
    assert marks(session) == "u."
    session.run(0)
    assert marks(session) == ".."


def test_cells_that_read_from_each_other_come_to_rest() -> None:
    session = Session(["y = x", "x = y + 1"])
    session.run(0)
    session._names["x"] = 1  # as from a console
    session.run(0, 1, 0)
    for _ in range(4):
        session.edit(1, "x = y + 2")
        for _ in range(5):
            if not session.run_stale():
                break
        assert marks(session) == ".."
        session.edit(1, "x = y + 1")


def test_after_a_restart_of_the_server_what_was_edited_before_is_found_by_order() -> None:
    session = ran(["x = 1", "print(x)", "y = 1", "print(y)"])
    session.edit(0, "z = 1")
    session.forget()
    assert marks(session) == "eu.."
