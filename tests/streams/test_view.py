"""Any part of a text, however it is cut into segments, is what the same part of the whole text is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.errors import ArtifactMissing, InvalidReference
from jupyter_crdt_outputs.model import segments
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.segments import Segment, cut, from_index, to_index
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.streams import view as view_module
from jupyter_crdt_outputs.streams.view import StreamView

texts = st.text("ab\né€🎉", max_size=60)
with_fixtures = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store() -> ArtifactStore:
    return open_store("memory://views")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments, blocks, lines and answers of a few bytes."""
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 7)
    monkeypatch.setattr(view_module, "_BLOCK_BYTES", 25)
    monkeypatch.setattr(view_module, "LINE_CHARACTERS", 6)
    monkeypatch.setattr(view_module, "_ANSWER_BYTES", 20)


def view_of(store: ArtifactStore, text: str, sealed: int = 1000) -> StreamView:
    """A view of *text*, of which so many segments are in the store."""
    pieces = list(cut(text.encode(), whole=True))
    store.put_many(pieces[:sealed])
    return StreamView([Segment.of(piece) for piece in pieces[:sealed]], b"".join(pieces[sealed:]), store.get)


def lines_of(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


@with_fixtures
@given(text=texts)
@pytest.mark.usefixtures("tiny")
def test_segments_are_the_text_and_cut_no_character(text: str) -> None:
    pieces = [piece.decode() for piece in cut(text.encode(), whole=True)]
    assert "".join(pieces) == text
    assert all(4 <= len(piece.encode()) <= 7 for piece in pieces[:-1])


@with_fixtures
@given(first=texts, second=texts)
@pytest.mark.usefixtures("tiny")
def test_segments_that_are_whole_stay_what_they_are_whatever_follows(first: str, second: str) -> None:
    early = list(cut(first.encode(), whole=False))
    rest = first.encode()[sum(map(len, early)) :]
    assert early + list(cut(rest + second.encode(), whole=True)) == list(cut((first + second).encode(), whole=True))


@with_fixtures
@given(text=texts, sealed=st.integers(0, 12), start=st.integers(0, 80), length=st.integers(0, 80))
@pytest.mark.usefixtures("tiny")
def test_a_range_of_bytes_is_that_of_the_text(
    store: ArtifactStore, text: str, sealed: int, start: int, length: int
) -> None:
    view = view_of(store, text, sealed)
    assert view.size == len(text.encode())
    assert view.read(start, start + length) == text.encode()[start : start + length]


@with_fixtures
@given(text=texts, sealed=st.integers(0, 12), first=st.integers(0, 70), count=st.integers(0, 70))
@pytest.mark.usefixtures("tiny")
def test_lines_are_those_of_the_text_as_many_as_one_answer_holds(
    store: ArtifactStore, text: str, sealed: int, first: int, count: int
) -> None:
    view = view_of(store, text, sealed)
    lines = lines_of(text)
    assert view.lines_in_all == len(lines)
    found = view.lines(first, count)
    expected = lines[first : first + count]
    assert found.lines == [line[:6] for line in expected[: len(found.lines)]]
    assert bool(found.lines) == bool(expected)
    for number, line in enumerate(expected[: len(found.lines)], first):
        assert found.clipped.get(number) == (len(line.encode()) if len(line) > 6 else None)
    if len(found.lines) < len(expected):
        assert sum(min(6, len(line.encode())) + 1 for line in found.lines) >= 14, "an answer is filled"


@with_fixtures
@given(text=texts, sealed=st.integers(0, 12), count=st.integers(0, 70))
@pytest.mark.usefixtures("tiny")
def test_the_last_lines_are_the_last(store: ArtifactStore, text: str, sealed: int, count: int) -> None:
    found = view_of(store, text, sealed).last_lines(count)
    lines = lines_of(text)
    shown = len(found.lines)
    assert shown <= count
    assert found.lines == [line[:6] for line in lines[len(lines) - shown :]]
    assert found.first == len(lines) - shown
    assert bool(shown) == bool(count and lines)


def test_a_line_of_megabytes_is_cut_and_said_to_be(store: ArtifactStore) -> None:
    view = view_of(store, "before\n" + "x" * 5_000_000 + "\nafter\n")
    found = view.lines(0, 10)
    assert [len(line) for line in found.lines] == [6, view_module.LINE_CHARACTERS, 5]
    assert found.clipped == {1: 5_000_000}


@given(st.lists(st.tuples(st.binary(max_size=5), st.integers(0, 10**9), st.integers(0, 10**9))))
def test_an_index_is_read_back_as_it_was_written(entries: list[tuple[bytes, int, int]]) -> None:
    written = [Segment(Digest.of(data), size, newlines) for data, size, newlines in entries]
    assert from_index(to_index(written)) == written


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a text\n",
        b"crdt-outputs stream index 2\n",
        b"crdt-outputs stream index 1\n../../etc/passwd 1 1\n",
        b"crdt-outputs stream index 1\n" + b"A" * 64 + b" 1 1\n",
        b"crdt-outputs stream index 1\n" + b"a" * 64 + b" -1 1\n",
        b"crdt-outputs stream index 1\n" + b"a" * 64 + b" 1 1",
        b"crdt-outputs stream index 1\n" + b"a" * 64 + b" 99999999999 1\n",
    ],
)
def test_what_is_no_index_is_refused(store: ArtifactStore, data: bytes) -> None:
    with pytest.raises(InvalidReference):
        from_index(data)
    with pytest.raises(InvalidReference):
        StreamView.of_index(store, store.put(data))


def test_a_missing_segment_is_an_error_and_no_gap(store: ArtifactStore) -> None:
    view = StreamView([Segment(Digest.of(b"never put"), 9, 0)], b"rest\n", store.get)
    with pytest.raises(ArtifactMissing):
        view.read(0, 20)
    assert view.lines_in_all == 1
