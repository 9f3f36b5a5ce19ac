"""What is read of a document after some changes is what upstream would read of it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_ydoc.ynotebook import YNotebook
from pycrdt import Doc

from jupyter_crdt_outputs.document.reading_cells import CellReader
from jupyter_crdt_outputs.document.snapshot_memory import SnapshotMemory, characters_in

Change = Callable[[YNotebook], None]


def code(number: int) -> dict[str, Any]:
    stream = {"output_type": "stream", "name": "stdout", "text": "printed"}
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {"tags": ["a"]},
        "source": "1",
        "execution_count": 1,
        "outputs": [stream, {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}],
    }


def notebook(count: int = 12) -> YNotebook:
    made = YNotebook(Doc())
    made.set({"cells": [code(number) for number in range(count)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return made


def insert(at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        made.ycells.insert(at % (len(made.ycells) + 1), made.create_ycell(code(100 + of)))

    return change


def delete(at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        at_most = len(made.ycells) - 1
        if at_most > 0:
            del made.ycells[at % at_most : at % at_most + 1 + of % 2]

    return change


def type_into(at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        source = made.ycells[at % len(made.ycells)]["source"]
        source += str(of)

    return change


def print_into(at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        outputs = made.ycells[at % len(made.ycells)]["outputs"]
        if len(outputs):
            outputs[0]["text"] += str(of)

    return change


def clear(at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        made.ycells[at % len(made.ycells)]["outputs"].clear()
        made.ycells[(at + of) % len(made.ycells)]["metadata"]["tags"] = [str(of)]

    return change


def count_up(at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        made.ycells[at % len(made.ycells)]["execution_count"] = float(of)

    return change


def replace(at: int, of: int) -> Change:
    return lambda made: made.set_cell(at % len(made.ycells), code(200 + of))


def describe(_at: int, of: int) -> Change:
    def change(made: YNotebook) -> None:
        made.ydoc["meta"]["metadata"]["title"] = str(of)
        made.ydoc["meta"]["nbformat_minor"] = of % 2 + 4

    return change


numbers = st.integers(0, 20)
changes = st.one_of(
    [
        st.builds(kind, numbers, numbers)
        for kind in (insert, delete, type_into, print_into, clear, count_up, replace, describe)
    ]
)


@settings(deadline=None, max_examples=60)
@given(transactions=st.lists(st.lists(changes, min_size=1, max_size=4), max_size=6), is_remote=st.booleans())
def test_a_notebook_is_read_as_upstream_reads_it_after_any_changes(
    transactions: list[list[Change]], is_remote: bool
) -> None:
    """Several in one transaction, here or by somebody else."""
    changed = notebook()
    read = YNotebook(Doc()) if is_remote else changed
    reader = CellReader(read, SnapshotMemory())
    for number, transaction in enumerate([[], *transactions]):
        with changed.ydoc.transaction():
            for change in transaction:
                change(changed)
        if is_remote and number % 2 == 0:
            read.ydoc.apply_update(changed.ydoc.get_update(read.ydoc.get_state()))
        ours = asyncio.run(reader.read())
        ids = [cell["id"] for cell in read.get(deduplicate=False)["cells"] if "id" in cell]
        assert (ours is None) == (len(ids) != len(set(ids)))
        assert ours is None or ours == read.get()


def test_a_cell_that_nobody_changed_is_the_same_object_and_one_that_was_changed_is_another() -> None:
    made = notebook()
    reader = CellReader(made, SnapshotMemory())
    before = asyncio.run(reader.read())
    type_into(3, 1)(made)
    insert(0, 1)(made)
    after = asyncio.run(reader.read())
    assert before is not None
    assert after is not None
    assert [cell is old for cell, old in zip(after["cells"][1:], before["cells"], strict=True)].count(False) == 1
    assert before["cells"][3]["source"] == "1"
    assert after["cells"][4]["source"] == "11"


def test_a_copy_of_a_cell_that_was_read_may_be_changed() -> None:
    made = notebook()
    reader = CellReader(made, SnapshotMemory())
    first = asyncio.run(reader.read())
    assert first is not None
    first["cells"][0].found_out["asked"] = 1
    copied = copy.deepcopy(first["cells"][0])
    copied["metadata"]["tags"].append("b")
    assert type(copied) is dict
    assert asyncio.run(reader.read())["cells"][0]["metadata"] == {"tags": ["a"]}  # type: ignore[index]


def test_all_of_a_document_is_read_at_one_moment_although_others_have_the_loop_meanwhile() -> None:
    made = notebook(100)
    reader = CellReader(made, SnapshotMemory())

    async def read() -> dict[str, Any] | None:
        reading = asyncio.ensure_future(reader.read())
        await asyncio.sleep(0)
        assert not reading.done()
        type_into(0, 7)(made)  # which was read by then
        delete(50, 1)(made)
        return await reading

    assert asyncio.run(read()) == made.get()


def test_of_many_notebooks_those_that_were_read_lately_are_held_and_all_are_read_right() -> None:
    made = [notebook(10), notebook(10), notebook(10)]
    characters = characters_in(made[0].get()["cells"])
    memory = SnapshotMemory(2 * characters + 100)
    readers = [CellReader(each, memory) for each in made]

    def first_of(number: int) -> Any:
        read = asyncio.run(readers[number].read())
        assert read == made[number].get()
        assert read is not None
        return read["cells"][0]

    first = [first_of(number) for number in (0, 1, 2)]
    assert first_of(2) is first[2]
    assert first_of(1) is first[1]
    again = first_of(0)
    assert again is not first[0]
    assert first_of(2) is not first[2], "the first one's return was too much for all three"
    del made[2], readers[2]
    assert first_of(0) is again


def test_a_notebook_that_is_larger_than_all_that_may_be_held_is_read_anew_each_time() -> None:
    made = notebook()
    reader = CellReader(made, SnapshotMemory(100))
    before, after = asyncio.run(reader.read()), asyncio.run(reader.read())
    assert before is not None
    assert after is not None
    assert before == after == made.get()
    assert all(cell is not old for cell, old in zip(after["cells"], before["cells"], strict=True))
