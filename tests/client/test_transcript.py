"""Whoever takes down what a transcript tells has the outputs as they are, at every moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_outputs.client.events import Changed, Cleared, Shown, Text
from jupyter_crdt_outputs.client.streams import Piece
from jupyter_crdt_outputs.client.transcript import Rest, Transcript
from jupyter_crdt_outputs.document.stream import StreamText
from jupyter_crdt_outputs.model.reference import LogReference

PRINTED = st.text(alphabet="ab\n\r\bé😀", max_size=12)
LOG = "0" * 32


def display(value: int) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": str(value)}, "metadata": {}}


class Reader:
    """Takes down what it is told."""

    def __init__(self) -> None:
        self.transcript = Transcript()
        self.has: list[Any] = []

    def update(self, outputs: Sequence[Mapping[str, Any]], log: bytes = b"") -> None:
        told = self.transcript.update(outputs)
        sent: Piece | None = None
        try:
            while True:
                event = told.send(sent)
                sent = Piece(log[event.start :], True) if isinstance(event, Rest) else None
                self._take(event, outputs)
        except StopIteration:
            pass

    def _take(self, event: object, outputs: Sequence[Mapping[str, Any]]) -> None:
        match event:
            case Cleared():
                self.has.clear()
            case Shown(output):
                self.has.append(output)
            case Changed(output):
                self.has[list(outputs).index(output)] = output
            case Text(name, text, returns):
                if not self.has or not isinstance(self.has[-1], list) or self.has[-1][0] != name:
                    self.has.append([name, ""])
                before = self.has[-1][1]
                self.has[-1][1] = (before[: before.rfind("\n") + 1] if returns else before) + text


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), PRINTED)))
def test_streams_are_told_whole_whatever_returns_and_erases(printed: list[tuple[str, str]]) -> None:
    reader, streams = Reader(), list[StreamText]()
    for name, text in printed:
        if not streams or streams[-1].name != name:
            streams.append(StreamText(name))
        streams[-1].write(text)
        reader.update([{"output_type": "stream", "name": each.name, "text": each.live} for each in streams])
        told = [each for each in streams if each.live]
        if len(told) == len(streams):  # one that printed nothing is not told of
            assert reader.has == [[each.name, each.live] for each in told]


@given(st.lists(PRINTED, min_size=1), st.integers(0, 5))
def test_a_stream_that_moves_to_a_log_goes_on_where_it_was(printed: list[str], inline: int) -> None:
    reader, stream = Reader(), StreamText("stdout")
    reference = {"output_type": "display_data", "metadata": {}, "data": {}}
    reference["data"] = {
        "application/vnd.jupyter-crdt-outputs.ref.v1+json": LogReference("stdout", LOG).to_json(),
    }
    for number, text in enumerate(printed):
        stream.write(text)
        if number < inline:
            reader.update([{"output_type": "stream", "name": "stdout", "text": stream.live}])
        else:
            reader.update([reference], stream.live.encode())
    assert reader.has == ([["stdout", stream.live]] if stream.live or reader.has else [])


def test_a_display_that_changes_is_told_again_and_what_is_cleared_is_gone() -> None:
    reader = Reader()
    reader.update([display(1), display(2)])
    reader.update([display(3), display(2)])
    assert reader.has == [display(3), display(2)]
    reader.update([display(4)])
    assert reader.has == [display(4)]
    reader.update([{"output_type": "stream", "name": "stdout", "text": "one\n"}])
    reader.update([{"output_type": "stream", "name": "stdout", "text": "two\n"}])
    assert reader.has == [["stdout", "two\n"]]
