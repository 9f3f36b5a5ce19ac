"""Any sequence of messages, written at any moments, leaves document and views as stock JupyterLab would."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from pycrdt import Array, Doc, Map, Text

from jupyter_crdt_outputs.document.stream import StreamText
from jupyter_crdt_outputs.document.writer import CellWriter
from jupyter_crdt_outputs.model import segments
from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import LogReference, reference_in
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.streams.logs import Logs

from .jupyterlab import PassiveView, StockArea

LONG = bool(os.environ.get("CRDT_OUTPUTS_LONG"))
texts = st.text("ab\n\r\bé€", min_size=1, max_size=8) | st.text(max_size=6)
names = st.sampled_from(["stdout", "stderr"])
display_ids = st.sampled_from(["one", "two"])


def display(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 6)


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
        self.folder = tempfile.TemporaryDirectory()
        self.logs = Logs(Path(self.folder.name), self.archive.store)
        self.writer.rewrite(self.doc, self.outputs)

    def written(self) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = self.outputs.to_py()
        notebook = self.logs.readable({"cells": [{"outputs": value}]}, [])
        return self.archive.restore_outputs(notebook["cells"][0]["outputs"], [])

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(name=names, text=texts)
    def print(self, name: str, text: str) -> None:
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
        for stream in self.writer.area.streams():
            if stream.is_late:
                reopen(stream)
            stream.flush()
        self.writer.sync(self.doc, self.outputs)
        self.check()

    @rule()
    def spill_long_streams(self) -> None:
        for stream in self.writer.area.streams():
            if stream.log is None and stream.length > 3:
                stream.spill(self.logs.begin(stream.name, *stream.text_and_line()))
        self.write()

    @rule()
    def seal_long_logs(self) -> None:
        for stream in self.writer.area.streams():
            if stream.log is not None and not stream.is_settled:
                stream.log.seal()
        self.write()

    @rule()
    def settle(self) -> None:
        self.write()
        for stream in self.writer.area.streams():
            if stream.log is not None and not stream.is_settled:
                stream.log.close()
                stream.settle(stream.log.finish())
        self.write()

    @rule()
    def start_the_server_again(self) -> None:
        """What a killed server left in its files says the same."""
        self.write()
        value: list[dict[str, Any]] = self.outputs.to_py()
        again = Logs(Path(self.folder.name), self.archive.store)
        notebook = again.readable({"cells": [{"outputs": value}]}, [])
        assert self.archive.restore_outputs(notebook["cells"][0]["outputs"], []) == self.stock.outputs
        finished = [again.finished(output) for output in value]
        assert self.archive.restore_outputs(finished, []) == self.stock.outputs

    @rule()
    def move_the_cell(self) -> None:
        """A client makes a new cell of what it saw."""
        self.write()
        self.writer.rewrite(self.doc, self.outputs)
        self.check()

    @precondition(lambda self: len(self.outputs) > 0)
    @rule()
    def another_client_clears(self) -> None:
        self.write()
        with self.doc.transaction(origin="another client"):
            self.outputs.clear()
        waiting = self.stock._clear_next
        self.stock.clear()
        self.stock._clear_next = waiting
        self.check()

    @rule(text=texts)
    def another_client_appends(self, text: str) -> None:
        """As a browser does with the text of a pager."""
        self.write()
        with self.doc.transaction(origin="another client"):
            self.outputs.append(Map(display(text)))
        self.stock.outputs.append(display(text))
        self.stock._last_stream = ""
        self.check()

    def check(self) -> None:
        assert self.written() == self.stock.outputs
        assert self.view.failure is None
        assert self.view.outputs == self.outputs.to_py()


def reopen(stream: StreamText) -> None:
    assert stream.log is not None
    stream.log.reopen(stream.settled_line)
    stream.resume()


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


def test_a_stream_that_moves_to_a_log_behind_a_display_breaks_no_view(tmp_path: Path) -> None:
    doc, outputs, writer = new_cell()
    view = PassiveView()
    outputs.observe_deep(view.on_events)
    writer.area.add(display("before"))
    writer.area.write("stdout", "one line\nanother")
    writer.sync(doc, outputs)
    (stream,) = writer.area.streams()
    logs = Logs(tmp_path, open_store("memory://behind-a-display"))
    stream.spill(logs.begin("stdout", *stream.text_and_line()))
    writer.sync(doc, outputs)
    assert view.failure is None
    assert view.outputs == outputs.to_py()
    reference = reference_in(view.outputs[1])
    assert isinstance(reference, LogReference)
    assert logs.find(reference.log).view().read(0, 100) == b"one line\nanother"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.text("ab\nc\r€🎉", max_size=9), max_size=30), data=st.data())
def test_a_stream_has_the_same_reference_however_it_was_printed_as_when_it_is_read_from_a_file(
    pieces: list[str], data: st.DataObject, tmp_path: Path
) -> None:
    stream = StreamText("stdout", "a first text")
    store = open_store("memory://the-same")
    stream.spill(log := Logs(tmp_path, store).begin("stdout", *stream.text_and_line()))
    for piece in pieces:
        stream.write(piece)
        if stream.is_late:
            reopen(stream)
        match data.draw(st.sampled_from(["flush", "seal", "settle", "wait"])):
            case "flush":
                stream.flush()
            case "seal":
                log.seal()
            case "settle":
                stream.flush()
                log.close()
                stream.settle(log.finish())
    if not stream.is_settled:
        stream.flush()
        log.close()
        stream.settle(log.finish())
    text = StreamText("stdout", "a first text" + "".join(pieces)).live
    from_file = offload({"output_type": "stream", "name": "stdout", "text": text}, Policy(document_max_bytes=1))
    assert stream.item() == from_file.output
