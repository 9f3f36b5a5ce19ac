"""What a terminal shows, for readers that are none: nothing of its language is left, and never too much text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_outputs.model import plain_text
from jupyter_crdt_outputs.model.plain_text import LEAST_CHARACTERS, excerpt, excerpt_of_ends, plain

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

pieces = st.sampled_from(
    ["\x1b[31m", "\x1b[", "\x1b", "\x9b1m", "\x1b]8;;http://x\x07", "\x1b]0;t\x1b\\", "\x1bP1$r", "\r", "\b", "\r\n"]
    + ["\n", "\t", "\x1b[K", "\x1b[2K", "\x1b[1;31", "\0", "\1", "\x85", "\ud83d", "é漢", "👩‍🚀", "abc", " "]
)
terminal_texts = st.lists(pieces | st.text(st.characters(codec=None), max_size=9), max_size=60).map("".join)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("a\r\nb\r\n", "a\nb\n"),
        ("10%\r100%\rok", "ok0%"),
        ("\x1b[32m10%\x1b[0m\r\x1b[32m100%\x1b[0m\n", "100%\n"),
        ("downloading 99%\r\x1b[Kdone\n", "done\n"),
        ("downloading 99%\x1b[2K\rdone\n", "done\n"),
        ("progress\r\x1b[K", ""),
        ("|\b/\b-", "-"),
        ("\x1b]8;;https://a.b/c\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b[38;5;208morange\x1b(B\x1b[m", "orange"),
        ("\x9b31mred\x9b0m", "red"),
        ("a\0b\x07c", "abc"),
        ("half \ud83d and \ud83d\ude00", "half \ufffd and 😀"),
        ("\ttab", "\ttab"),
    ],
)
def test_a_text_reads_as_it_looked_in_the_end(printed: str, shown: str) -> None:
    assert plain(printed) == shown


@given(terminal_texts)
def test_no_control_is_left_whatever_was_printed(text: str) -> None:
    assert CONTROL.search(plain(text)) is None
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")))
def test_a_text_without_controls_is_left_alone(text: str) -> None:
    assert plain(text) == text


@given(terminal_texts, st.integers(1, 40), st.integers(LEAST_CHARACTERS, 400))
def test_an_excerpt_is_never_longer_than_was_asked_for(text: str, times: int, max_chars: int) -> None:
    shown = excerpt(text * times, max_chars)
    assert len(shown.text) <= max_chars
    assert CONTROL.search(shown.text) is None
    whole = plain(text * times)
    if not shown.left_out:
        assert shown.text == whole
    else:
        head, tail = shown.text.split(f"… {shown.left_out:,} bytes left out …\n", maxsplit=1)
        missing = len(whole.encode()) - len(head.encode()) - len(tail.encode())
        if shown.left_out == missing + 1:  # the line feed before the line between is not the text's
            head = head.removesuffix("\n")
            missing += 1
        assert shown.left_out == missing
        assert whole.startswith(head)
        assert whole.endswith(tail)


@given(terminal_texts, terminal_texts, st.integers(1, 10**15))
def test_ends_are_capped_too(head: str, tail: str, between: int) -> None:
    shown = excerpt_of_ends(head * 20, tail * 20, between, 300)
    assert len(shown.text) <= 300
    assert shown.left_out >= between
    assert CONTROL.search(shown.text) is None


def test_what_is_left_out_of_a_huge_text_is_counted_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "WHOLE_CHARACTERS", 1 << 14)
    text = "".join(f"line {number} é\n" for number in range(5000))
    shown = excerpt(text, 1000)
    head, tail = shown.text.split(f"… {shown.left_out:,} bytes left out …\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(text.encode()) == len(head.encode()) + len(tail.encode()) + shown.left_out


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "hostile", ["x" * 100_000 + "\r" + "a\b" * 60_000, "\r".join("x" * 100_000), "\x1b]" * 130_000, "\x1b[2K" * 60_000]
    + ["x" * 100_000 + "\x1b[1K" * 30_000, "\x1b[" + ";" * 250_000, "\x1bP" * 130_000]
)  # fmt: skip
def test_no_text_takes_more_than_a_moment(hostile: str) -> None:
    assert len(excerpt(hostile, 4000).text) <= 4000  # hours, if it were quadratic
