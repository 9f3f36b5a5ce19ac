"""From one text to another by small edits, so that what others type into it meanwhile stays, and so do cursors."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from pycrdt import Text

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
_MOST_PAIRS_OF_LINES = 1_000_000
_MOST_PAIRS_OF_WORDS = 40_000
"""What is compared at most: difflib may take long, and the event loop waits. What is more is replaced as a whole."""


class TextEdit(NamedTuple):
    """A part of a text that becomes another.

    Attributes:
        start: first character, in the text as it is before all edits.
        stop: the character after the last.
        text: what takes their place.
    """

    start: int
    stop: int
    text: str


def edits(old: str, new: str) -> list[TextEdit]:
    """What makes *new* of *old*: lines that changed, of these the words, and of these what is not equal at their ends.

    In order, and none overlap.
    """
    start = old.rfind("\n", 0, _common_start(old, new)) + 1
    end = _common_end(old[start:], new[start:])
    line = old.find("\n", len(old) - end)
    end = len(old) - line - 1 if line >= 0 else 0
    whole = TextEdit(start, len(old) - end, new[start : len(new) - end])
    return [_trimmed(old, edit) for edit in _by_lines(old, whole)]


def apply(text: Text, new: str) -> None:
    """Make a shared text *new*; to be called within a transaction."""
    old = str(text)
    found = edits(old, new)
    offsets = _byte_offsets(old, found)
    for edit in reversed(found):  # from the end, so that what is before stays where it is
        start, stop = offsets[edit.start], offsets[edit.stop]
        if edit.text:
            text.insert(start, edit.text)  # first, as JupyterLab does: a cursor in what goes is then after what comes
        if stop > start:
            size = len(edit.text.encode())
            del text[start + size : stop + size]


def _by_lines(old: str, whole: TextEdit) -> Iterator[TextEdit]:
    before, after = _LINES.findall(old[whole.start : whole.stop]), _LINES.findall(whole.text)
    if len(before) * len(after) > _MOST_PAIRS_OF_LINES:
        yield whole
        return
    left = _MOST_PAIRS_OF_WORDS
    for edit in _compared(whole, before, after):
        words = _WORDS.findall(old[edit.start : edit.stop]), _WORDS.findall(edit.text)
        left -= len(words[0]) * len(words[1])
        yield from _compared(edit, *words) if left >= 0 else (edit,)


def _compared(whole: TextEdit, before: Sequence[str], after: Sequence[str]) -> Iterator[TextEdit]:
    starts = [whole.start]
    for piece in before:
        starts.append(starts[-1] + len(piece))
    # With what is frequent left out (autojunk), or a thousand equal lines would take a quarter of a minute.
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after).get_opcodes():
        if kind != "equal":
            yield TextEdit(starts[old_from], starts[old_to], "".join(after[new_from:new_to]))


def _trimmed(old: str, edit: TextEdit) -> TextEdit:
    before, after = old[edit.start : edit.stop], edit.text
    start = _common_start(before, after)
    end = _common_end(before[start:], after[start:])
    return TextEdit(edit.start + start, edit.stop - end, after[start : len(after) - end])


def _common_start(one: str, other: str) -> int:
    return len(os.path.commonprefix([one, other]))


def _common_end(one: str, other: str) -> int:
    return _common_start(one[::-1], other[::-1])


def _byte_offsets(text: str, found: Sequence[TextEdit]) -> dict[int, int]:
    """Where characters are in the text's UTF-8, in which pycrdt counts."""
    offsets: dict[int, int] = {}
    at, size = 0, 0
    for place in sorted({place for edit in found for place in (edit.start, edit.stop)}):
        size += len(text[at:place].encode())
        at = place
        offsets[place] = size
    return offsets
