"""Any sequence of messages, written at any moments, leaves document and views as stock JupyterLab would."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from pycrdt import Array, Doc, Map, Text

from jupyter_crdt_outputs.document import stream as stream_module
from jupyter_crdt_outputs.document.stream import LiveText, StreamText
from jupyter_crdt_outputs.document.writer import CellWriter
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive

from .jupyterlab import PassiveView, StockArea

LONG = bool(os.environ.get("CRDT_OUTPUTS_LONG"))
texts = st.text("ab\n\r\bé€", min_size=1, max_size=8) | st.text(max_size=6)
names = st.sampled_from(["stdout", "stderr"])
display_ids = st.sampled_from(["one", "two"])


def display(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "SEGMENT_CHARACTERS", 6)


class Writing(RuleBasedStateMachine):
    """The writer against a plain model of JupyterLab, with a passive browser looking on."""

    def __init__(self) -> None:
        super().__init__()
        self.doc: Doc[Any] = Doc()
        cells = self.doc.get("cells", type=Array)
        cells.append(Map({"outputs": Array([Map(display("of an earlier run"))])}))
        self.outputs = cells[0]["outputs"]
        self.stock = StockArea()
        self.view = PassiveView()
        self.view.outputs = [display("of an earlier run")]
        self.outputs.observe_deep(self.view.on_events)
        self.writer = CellWriter()
        self.outputs.observe_deep(lambda events: self.writer.on_foreign_change(self.outputs))
        self.archive = Archive(open_store("memory://writer-tests"), Policy(document_max_bytes=8))
        self.sealed_line = False
        self.writer.rewrite(self.doc, self.outputs)

    def written(self) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = self.outputs.to_py()
        return self.archive.restore_outputs(value, [])

    @rule(name=names, text=texts)
    def print(self, name: str, text: str) -> None:
        if self.sealed_line and ("\r" in text or "\b" in text):
            return  # a line longer than a document should carry is not edited any more
        if not all(ord(character) < 0x10000 for character in text):
            return  # cursors count UTF-16 units; see test_stream
        self.writer.area.write(name, text)
        self.stock.write(name, text)

    @rule(text=texts, display_id=st.none() | display_ids)
    def display(self, text: str, display_id: str | None) -> None:
        self.writer.area.add(display(text), display_id)
        self.stock.add(display(text), display_id)

    @rule(text=texts, display_id=display_ids)
    def update_display(self, text: str, display_id: str) -> None:
        self.writer.area.update(display_id, display(text))
        self.stock.update(display_id, display(text))

    @rule(wait=st.booleans())
    def clear(self, wait: bool) -> None:
        self.writer.area.clear(wait=wait)
        self.stock.clear(wait=wait)

    @rule()
    def write(self) -> None:
        self.writer.sync(self.doc, self.outputs)
        self.check()

    @rule(whole=st.booleans())
    def seal_long_streams(self, whole: bool) -> None:
        for stream in self.writer.area.streams():
            if stream.must_seal() or (whole and stream.must_settle(self.archive.policy)):
                self.archive.keep(stream.seal(whole=whole))
                stream.commit_seal()
                self.sealed_line = True
        self.write()

    @rule()
    def move_the_cell(self) -> None:
        """A client makes a new cell of what it saw."""
        self.writer.sync(self.doc, self.outputs)
        self.writer.rewrite(self.doc, self.outputs)
        self.check()

    @precondition(lambda self: len(self.outputs) > 0)
    @rule()
    def another_client_clears(self) -> None:
        self.writer.sync(self.doc, self.outputs)
        with self.doc.transaction(origin="another client"):
            self.outputs.clear()
        waiting = self.stock._clear_next
        self.stock.clear()
        self.stock._clear_next = waiting
        self.check()

    @rule(text=texts)
    def another_client_appends(self, text: str) -> None:
        """As a browser does with the text of a pager."""
        self.writer.sync(self.doc, self.outputs)
        with self.doc.transaction(origin="another client"):
            self.outputs.append(Map(display(text)))
        self.stock.outputs.append(display(text))
        self.stock._last_stream = ""
        self.check()

    def check(self) -> None:
        assert self.written() == self.stock.outputs
        assert self.view.failure is None
        assert self.view.outputs == self.outputs.to_py()


Writing.TestCase.settings = settings(max_examples=3000 if LONG else 200, stateful_step_count=30, deadline=None)
TestWriting = Writing.TestCase


def new_cell() -> tuple[Doc[Any], Array[Any], CellWriter]:
    doc: Doc[Any] = Doc()
    cells = doc.get("cells", type=Array)
    cells.append(Map({"outputs": Array()}))
    writer = CellWriter()
    writer.rewrite(doc, cells[0]["outputs"])
    return doc, cells[0]["outputs"], writer


def test_growing_text_costs_the_document_only_what_is_new() -> None:
    doc, outputs, writer = new_cell()
    writer.area.write("stdout", "x" * 10_000)
    writer.sync(doc, outputs)
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    writer.area.write("stdout", "y")
    writer.sync(doc, outputs)
    writer.sync(doc, outputs)
    assert len(updates) == 1
    assert len(updates[0]) < 100


def test_streams_are_shared_text_and_the_rest_maps_as_browsers_expect() -> None:
    doc, outputs, writer = new_cell()
    writer.area.write("stdout", "text")
    writer.area.add(display("d"))
    writer.sync(doc, outputs)
    assert isinstance(outputs[0]["text"], Text)
    assert isinstance(outputs[1], Map)


def test_numbers_and_text_that_a_browser_cannot_hold_are_written_as_a_browser_would() -> None:
    doc, outputs, writer = new_cell()
    writer.area.add({"output_type": "display_data", "data": {"application/json": [2**60, "\ud800"]}, "metadata": {}})
    writer.sync(doc, outputs)
    assert outputs[0]["data"]["application/json"] == [float(2**60), "\ufffd"]
    assert isinstance(outputs[0]["data"]["application/json"][0], float)


def test_a_long_stream_is_read_back_whole_from_reference_and_live_text() -> None:
    archive = Archive(open_store("memory://long-stream"), Policy())
    stream = StreamText("stdout")
    for index in range(100):
        stream.write(f"line {index}\n")
        if stream.must_seal():
            archive.keep(stream.seal(whole=False))
            stream.commit_seal()
    stream.write("the end")
    items = stream.items()
    assert isinstance(items[0], dict)
    assert reference_in(items[0]) is not None
    assert isinstance(items[1], LiveText)
    assert len(items[1].text) < 120
    outputs = [items[0], {"output_type": "stream", "name": "stdout", "text": items[1].text}]
    expected = "".join(f"line {index}\n" for index in range(100)) + "the end"
    assert archive.restore_outputs(outputs, []) == [{"output_type": "stream", "name": "stdout", "text": expected}]
    archive.keep(stream.seal(whole=True))
    stream.commit_seal()
    (whole,) = stream.items()
    assert isinstance(whole, dict)
    assert archive.restore_outputs([whole], [])[0]["text"] == expected


def test_an_update_of_a_display_between_streams_reaches_every_view_in_its_place() -> None:
    doc, outputs, writer = new_cell()
    view = PassiveView()
    outputs.observe_deep(view.on_events)
    area = writer.area
    area.add(display("before"), "id")
    area.write("stdout", "printed")
    writer.sync(doc, outputs)
    area.update("id", display("after"))
    writer.sync(doc, outputs)
    assert [output["output_type"] for output in view.outputs] == ["display_data", "stream"]
    assert view.outputs[0] == display("after")
    assert view.failure is None


def test_a_stream_that_moves_to_the_store_behind_a_display_breaks_no_view() -> None:
    doc, outputs, writer = new_cell()
    view = PassiveView()
    outputs.observe_deep(view.on_events)
    writer.area.add(display("before"))
    writer.area.write("stdout", "one line\nanother")
    writer.sync(doc, outputs)
    (stream,) = writer.area.streams()
    stream.seal(whole=False)
    stream.commit_seal()
    writer.sync(doc, outputs)
    assert view.failure is None
    assert view.outputs == outputs.to_py()
    assert view.outputs[2]["text"] == "ne\nanother", "the segment has its full length and not a character more"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text("ab\nc", max_size=9), max_size=30), st.data())
def test_a_stream_has_the_same_reference_however_it_was_printed(pieces: list[str], data: st.DataObject) -> None:
    stream = StreamText("stdout")
    for piece in pieces:
        stream.write(piece)
        if stream.must_seal() and data.draw(st.booleans()):
            stream.seal(whole=False)
            stream.commit_seal()
    text = "".join(pieces)
    at_once = StreamText("stdout", text)
    for each in (stream, at_once):
        if each.live or each is at_once:
            each.seal(whole=True)
            each.commit_seal()
    if text:
        (one,), (other,) = stream.items(), at_once.items()
        assert isinstance(one, dict)
        assert isinstance(other, dict)
        assert reference_in(one) == reference_in(other)
