"""What is told of random notebooks, compared with what running them shows."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from .sessions import Session, marks

EXAMPLES = 20_000 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 300
NAMES = "abc"

names = st.sampled_from(NAMES)
numbers = st.integers(0, 9)
values = st.one_of(
    numbers.map(str),
    names,
    st.tuples(names, numbers).map(lambda each: f"{each[0]} + {each[1]}"),
    names.map(lambda name: f"len({name})"),
    names.map(lambda name: f"f_{name}()"),
    names.map(lambda name: f"[{name} for {name} in (1, 2)][0]"),
    names.map(lambda name: f"(lambda: {name})()"),
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    name, other, value = draw(names), draw(names), draw(values)
    return draw(
        st.sampled_from(
            [
                f"{name} = {value}",
                f"{name} += 1",
                f"{name} = [{value}]",
                f"{name}.append({value})",
                f"{name}[0] = {value}",
                f"del {name}",
                f"print({value})",
                f"print({name})",
                f"if {value}:\n    {name} = {other}",
                f"for {name} in range({other}):\n    print({name})",
                f"try:\n    {name} = {other}\nexcept NameError:\n    {name} = 7",
                f"def f_{name}():\n    return {other}",
                f"def f_{name}():\n    global {name}\n    {name} = {value}\n    return 1",
                f"class K:\n    {name} = {other}\nprint(K.{name})",
                f"if ({name} := {value}):\n    print({name})",
                f"exec('{name} = 5')",
                "from math import *",
                "print(pi)",
            ]
        )
    )


cells = st.lists(statements(), max_size=3).map("\n".join)
notebooks = st.lists(cells, min_size=1, max_size=6)
edits = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "edit", "delete"]), st.integers(0, 9), cells), min_size=1, max_size=3
)


def edited(session: Session, what: str, index: int, source: str) -> None:
    if what == "edit":
        session.edit(index % len(session.cells), source)
    elif len(session.cells) > 1:
        session.delete(index % len(session.cells))


@settings(max_examples=EXAMPLES, deadline=None)
@given(notebooks, edits)
def test_what_would_show_something_else_is_stale(sources: list[str], changes: list[tuple[str, int, str]]) -> None:
    session = Session(sources)
    session.run_all()
    assert set(marks(session)) <= {"."}
    for change in changes:
        edited(session, *change)
    stale = session.stale()
    for index, shown in enumerate(session.fresh()):
        assert stale[index] or shown == session.cells[index].shown, (index, [each.source for each in session.cells])
