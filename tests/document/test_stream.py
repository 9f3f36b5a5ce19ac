"""Streams are edited as a terminal would, counted as JavaScript counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_outputs.document.stream import StreamText

from .jupyterlab import process_text


def units(text: str) -> str:
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(int.from_bytes(data[i : i + 2], "little")) for i in range(0, len(data), 2))


def legible(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@given(st.lists(st.text("ab\n\r\b🎉é", max_size=8), max_size=8))
def test_any_pieces_give_the_text_that_jupyterlab_shows(pieces: list[str]) -> None:
    stream = StreamText("stdout")
    text, cursor = "", 0
    for piece in pieces:
        stream.write(piece)
        text, cursor = process_text(cursor, units(piece), text)
    assert stream.live == legible(text)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("10%\r20%", "20%"),
        ("long line\rshort", "shortline"),
        ("ab\b\bcd", "cd"),
        ("one\ntwo\r2", "one\n2wo"),
        ("\b\bx", "x"),
        ("a\r\nb", "a\nb"),
        ("party 🎉", "party 🎉"),
    ],
)
def test_progress_bars_look_as_in_a_terminal(printed: str, shown: str) -> None:
    assert StreamText("stdout", printed).live == shown
