"""What another client does to a cell while the server holds text that is not in the document yet."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Array, Doc, Map

from jupyter_crdt_outputs.document.writer import CellWriter


def display(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


class Cell:
    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.outputs = self.doc.get("outputs", type=Array)
        self.writer = CellWriter()
        self.outputs.observe_deep(lambda _events: self.writer.on_foreign_change(self.outputs))

    def sync(self) -> list[Any]:
        self.writer.sync(self.doc, self.outputs)
        value: list[Any] = self.outputs.to_py()
        return value


@pytest.fixture
def cell() -> Cell:
    return Cell()


def test_text_that_waits_is_written_before_what_another_client_appended(cell: Cell) -> None:
    cell.writer.area.write("stdout", "one\n")
    cell.sync()
    cell.writer.area.write("stdout", "two\n")
    cell.outputs.append(Map(display("a pager's")))
    assert cell.sync() == [printed("one\ntwo\n"), display("a pager's")]
    cell.writer.area.write("stdout", "three\n")
    assert cell.sync() == [printed("one\ntwo\n"), display("a pager's"), printed("three\n")]


def test_an_output_that_waits_comes_after_what_another_client_appended(cell: Cell) -> None:
    cell.writer.area.add(display("one"))
    cell.sync()
    cell.writer.area.add(display("two"))
    cell.outputs.append(Map(display("a pager's")))
    assert cell.sync() == [display("one"), display("a pager's"), display("two")]


def test_an_output_that_waits_survives_that_the_others_are_cleared(cell: Cell) -> None:
    cell.writer.area.add(display("one"))
    cell.sync()
    cell.writer.area.add(display("two"))
    cell.outputs.clear()
    assert cell.sync() == [display("two")]


def test_the_browser_may_clear_an_earlier_run_only_after_this_one_has_begun(cell: Cell) -> None:
    cell.outputs.append(Map(display("of an earlier run")))
    cell.writer.rewrite(cell.doc, cell.outputs)
    cell.writer.area.add(display("new"))
    cell.outputs.clear()
    assert cell.sync() == [display("new")]
