"""Cells that are edited: as JupyterLab would have, and with what others do at the same time."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_ydoc import YNotebook
from pycrdt import Array, Doc, Text

from jupyter_crdt_outputs.document.cells import editing
from jupyter_crdt_outputs.document.cells.describing import described
from jupyter_crdt_outputs.document.cells.text_edits import apply, edits
from jupyter_crdt_outputs.document.rooms import Room
from jupyter_crdt_outputs.errors import CellProtected, InvalidRequest, NotFound, NotNow, SourceChanged
from jupyter_crdt_outputs.model.cell_edits import CellPlace, Edit, Insertion
from jupyter_crdt_outputs.model.cells import CellSource
from jupyter_crdt_outputs.model.executions import source_digest

EXAMPLES = 500 if os.environ.get("CRDT_OUTPUTS_LONG") else 25

OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": "a\n"},
    {"output_type": "display_data", "data": {"text/plain": "b"}, "metadata": {}},
]
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r") | st.sampled_from("\n\n\n ab"), max_size=60)


def room_of(*cells: dict[str, Any], minor: int = 5) -> Room:
    """An open notebook without a server."""
    document = YNotebook()
    document.set({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": minor})
    document.dirty = False
    upstream = SimpleNamespace(room_id="json:notebook:x", ydoc=document.ydoc, _document=document)
    return Room(upstream)


def code(id_: str, source: str = "", **metadata: Any) -> dict[str, Any]:
    """A code cell that was run."""
    return {
        "id": id_,
        "cell_type": "code",
        "source": source,
        "metadata": metadata,
        "outputs": [{**output} for output in OUTPUTS],
        "execution_count": 3,
    }


def markdown(id_: str, source: str = "", **more: Any) -> dict[str, Any]:
    return {"id": id_, "cell_type": "markdown", "source": source, "metadata": {}, **more}


def seen(saw: str, **changes: Any) -> Edit:
    return Edit.parse({"seen": {"source": saw}, **changes})


def in_document(room: Room, index: int) -> dict[str, Any]:
    found: dict[str, Any] = room.cells[index].to_py()
    return found


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts, texts)
def test_a_text_becomes_the_wanted_one(old: str, new: str) -> None:
    doc: Doc[Any] = Doc()
    doc["text"] = text = Text(old)
    with doc.transaction():
        apply(text, new)
    assert str(text) == new


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.none() | st.tuples(texts, texts), min_size=1, max_size=8))
def test_what_somebody_types_into_a_line_that_stays_is_in_that_line(lines: list[tuple[str, str] | None]) -> None:
    # What was and what comes have no line in common: of two texts that changed places, only one can stay.
    def marked(mark: str, text: str) -> str:
        return "\n".join(mark + line for line in text.split("\n"))

    old = [f"stays {index}" if each is None else marked("-", each[0]) for index, each in enumerate(lines)]
    new = [f"stays {index}" if each is None else marked("+", each[1]) for index, each in enumerate(lines)]
    room = room_of(code("a", "\n".join(old)))
    peer: Doc[Any] = Doc()
    peer.apply_update(room.doc.get_update())
    there: Text = peer.get("cells", type=Array)[0]["source"]
    for index, each in reversed(list(enumerate(lines))):
        if each is None:
            there.insert(len("\n".join([*old[:index], "st"]).encode()), "typed")
    editing.edit(room, "a", seen("\n".join(old), source="\n".join(new)))
    room.doc.apply_update(peer.get_update())
    peer.apply_update(room.doc.get_update())
    assert str(room.cells[0]["source"]) == str(there) == "\n".join(new).replace("stays", "sttypedays")


def test_edits_are_small_and_of_what_is_long_not_looked_for_long() -> None:
    assert edits("a = 1\nb = 2\n", "a = 1\nb = 3\n") == [(10, 11, "3")]
    assert edits("one two three\nfour\n", "one 2 three\nfour\nfive\n") == [(4, 7, "2"), (19, 19, "five\n")]
    assert edits("print(value)", "print(values)") == [(11, 11, "s")]
    assert edits("same", "same") == edits("", "") == []
    many = "\n".join(f"{number % 7} {number}" for number in range(5000))
    assert edits(many, many.replace("4", "5")) != []
    assert len(edits("x\n" * 3000, "y\nx\n" * 1500)) == 1


step = st.one_of(
    st.tuples(st.just("insert"), st.integers(0, 9), texts, st.sampled_from(["code", "markdown", "raw"])),
    st.tuples(st.just("edit"), st.integers(0, 9), texts, st.none() | st.sampled_from(["code", "markdown", "raw"])),
    st.tuples(st.just("tag"), st.integers(0, 9), st.sampled_from(["", "t"]), st.none()),
    st.tuples(st.just("delete"), st.integers(0, 9), st.just(""), st.none()),
    st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 9), st.none()),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(step, max_size=12), st.integers(4, 5))
def test_whatever_is_edited_the_notebook_is_valid_and_as_expected(steps: list[Any], minor: int) -> None:
    room = room_of(code("a", "1"), markdown("b", "2"), minor=minor)
    expected = [["a", "code", "1"], ["b", "markdown", "2"]]
    for kind, number, text, type_ in steps:
        index = number % len(expected)
        cell_id, old_type, source = expected[index]
        if kind == "insert":
            at = number % (len(expected) + 1)
            made = editing.insert(room, Insertion.parse({"index": at, "source": text, "type": type_}))
            expected.insert(at, [made.id, type_, made.source])
        elif kind == "edit":
            changed = editing.edit(room, cell_id, seen(source, source=text, type=type_))
            expected[index] = [cell_id, type_ or old_type, changed.source]
            assert changed.index == index
        elif kind == "tag":
            editing.edit(room, cell_id, seen(source, tags=[text] if text else []))
        elif kind == "delete":
            editing.delete(room, cell_id, source_digest(source))
            del expected[index]
            if not expected:
                expected = [[room.cells[0]["id"], "code", ""]]
        else:
            target = text % len(expected)
            assert editing.move(room, cell_id, CellPlace("index", target)).index == target
            expected.insert(target, expected.pop(index))
    listed = described(list(enumerate(room.cells)))
    assert [[cell.id, cell.type, cell.source] for cell in listed] == expected
    assert [cell.index for cell in listed] == list(range(len(expected)))
    notebook = nbformat.from_dict(room.document.get())
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert ("id" in cell) == (minor == 5)
        if cell.get("outputs"):
            assert cell.outputs == OUTPUTS
            assert cell.execution_count == 3


def test_cells_are_written_as_jupyterlab_writes_them() -> None:
    room = room_of(code("a", "1", tags=["x"], trusted=False), markdown("b", "2", attachments={"p": {"image/png": ""}}))
    made = editing.insert(room, Insertion("3", tags=("t",), place=CellPlace("below", "a")))
    assert made == CellSource(1, made.id, "code", "3", source_digest("3").hex, ("t",), None, "idle")
    assert in_document(room, 1) == {
        "id": made.id,
        "cell_type": "code",
        "source": "3",
        "metadata": {"tags": ["t"], "trusted": True},
        "outputs": [],
        "execution_count": None,
    }
    assert room.is_dirty
    text = editing.insert(room, Insertion("4", "raw"))
    bare = {"id": text.id, "cell_type": "raw", "source": "4", "metadata": {}}
    assert in_document(room, 3) == bare
    before = in_document(room, 0)
    editing.move(room, "a", CellPlace("above", text.id))
    assert in_document(room, 2) == {key: value for key, value in before.items() if key != "execution_state"}
    editing.edit(room, "a", seen("1", type="markdown"))  # outputs go, and with them what trusts them
    assert in_document(room, 2) == {"id": "a", "cell_type": "markdown", "source": "1", "metadata": {"tags": ["x"]}}
    editing.edit(room, "b", seen("2", type="raw"))
    assert in_document(room, 1)["attachments"] == {"p": {"image/png": ""}}
    editing.edit(room, "b", seen("2", type="code", source="5", tags=["y"]))
    assert in_document(room, 1) == {
        "id": "b",
        "cell_type": "code",
        "source": "5",
        "metadata": {"trusted": True, "tags": ["y"]},
        "outputs": [],
        "execution_count": None,
    }


def test_an_edit_is_one_transaction_and_none_if_nothing_changes() -> None:
    room = room_of(code("a", "x = 1\ny = 2\n"))
    updates: list[bytes] = []
    subscription = room.doc.observe(lambda event: updates.append(event.update))
    try:
        editing.edit(room, "a", seen("x = 1\ny = 2\n", source="x = 2\ny = 3\nz\n", tags=["t"]))
        assert len(updates) == 2  # the edit; the mark that the file lacks something
        editing.edit(room, "a", seen("x = 2\ny = 3\nz\n", source="x = 2\ny = 3\nz\n"))
        assert len(updates) == 2
    finally:
        room.doc.unobserve(subscription)


def test_what_is_not_as_it_was_seen_or_runs_or_is_protected_stays() -> None:
    running = code("runs", "1") | {"execution_state": "running"}
    room = room_of(code("a", "1"), running, code("kept", "1", deletable=False), code("fixed", "1", editable=False))
    room.cells[1]["execution_state"] = "running"
    before = room.cells.to_py()
    digest = source_digest("1")
    refusals: list[tuple[type[Exception], Any]] = [
        (SourceChanged, lambda: editing.edit(room, "a", seen("2", source="3"))),
        (SourceChanged, lambda: editing.delete(room, "a", source_digest("2"))),
        (NotFound, lambda: editing.edit(room, "none", seen("1", source="3"))),
        (NotFound, lambda: editing.delete(room, "none", digest)),
        (NotFound, lambda: editing.move(room, "none", CellPlace())),
        (NotFound, lambda: editing.move(room, "a", CellPlace("above", "none"))),
        (NotFound, lambda: editing.insert(room, Insertion(place=CellPlace("index", 9)))),
        (NotNow, lambda: editing.delete(room, "runs", digest)),
        (NotNow, lambda: editing.edit(room, "runs", seen("1", type="raw"))),
        (NotNow, lambda: editing.delete(room, "a", digest, is_busy=True)),
        (CellProtected, lambda: editing.delete(room, "kept", digest)),
        (CellProtected, lambda: editing.edit(room, "fixed", seen("1", source="2"))),
        (CellProtected, lambda: editing.edit(room, "fixed", seen("1", type="raw"))),
    ]
    for error, refused in refusals:
        with pytest.raises(error):
            refused()
    assert room.cells.to_py() == before
    assert not room.is_dirty
    assert editing.edit(room, "runs", seen("1", source="2")).source == "2"  # as people may
    assert editing.edit(room, "fixed", seen("1", tags=["t"])).tags == ("t",)
    assert not editing.move(room, "fixed", CellPlace("index", 0)).editable


def test_line_ends_are_those_of_the_editor_and_half_characters_are_refused() -> None:
    assert Insertion.parse({"source": "a\r\nb\rc\n"}).source == "a\nb\nc\n"
    with pytest.raises(InvalidRequest, match="half a character"):
        Insertion.parse({"source": "\ud800"})
