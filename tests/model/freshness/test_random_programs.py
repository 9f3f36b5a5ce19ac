"""What is told of random notebooks, compared with what running them shows."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from .sessions import Session, marks

EXAMPLES = 3_000 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 150
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


@st.composite
def tidy_cells(draw: st.DrawFn, index: int) -> str:
    """A cell that sets names that no other one does, and reads only such as cells above set."""
    above = [f"{kind}{other}" for other in range(index) for kind in ("v", "f")] or ["0", "int"]
    read = st.sampled_from([f"{each}()" if each[0] in "fi" else each for each in above])
    one, two, number = draw(read), draw(read), draw(numbers)
    function = draw(st.sampled_from([f"return {number}", f"return {one} + {number}", f"return v{index}"]))
    setting = draw(
        st.sampled_from(
            [
                f"v{index} = {number}",
                f"v{index} = {one} + {two}",
                f"v{index} = [{one} + i for i in range(2)][1]",
                f"v{index} = 1\nif {one} > 5:\n    v{index} = {two}",
                f"v{index} = 0\nfor v in range(2):\n    v{index} += {one}",
                f"import math\nv{index} = int(math.pi) + {one}",
            ]
        )
    )
    return f"{setting}\ndef f{index}():\n    {function}\nprint(v{index}, {two})"


tidy_notebooks = st.integers(1, 6).flatmap(lambda count: st.tuples(*map(tidy_cells, range(count))))


@settings(max_examples=EXAMPLES, deadline=None)
@given(tidy_notebooks, st.lists(st.tuples(st.sampled_from(["edit", "run"]), st.integers(0, 5)), max_size=6), st.data())
def test_what_is_stale_is_what_has_to_run_where_no_two_cells_set_one_name(
    sources: tuple[str, ...], changes: list[tuple[str, int]], data: st.DataObject
) -> None:
    session = Session(sources)
    session.run_all()
    for what, index in changes:
        place = index % len(sources)
        if what == "edit":
            session.edit(place, data.draw(tidy_cells(place)))
        else:
            session.run(place)
        stale = session.stale()
        for each, would_show in enumerate(session.would_show()):
            assert stale[each] or would_show == session.cells[each].shown
    session.run_stale()
    assert set(session.stale()) == {None}
    assert [cell.shown for cell in session.cells] == session.fresh()
