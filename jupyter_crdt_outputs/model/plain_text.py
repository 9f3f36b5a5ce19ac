"""Terminal text for readers that are no terminal: without escapes, as it looked in the end, and not too much of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEAST_CHARACTERS = 100
"""The smallest cap: what is said about what is left out must fit as well."""

WHOLE_CHARACTERS = 1 << 18
"""Of a longer text only the ends are looked at."""

# ECMA-48, in seven bits and in eight: control sequences, strings such as titles and links, and all other escapes.
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x9c|\x1b\\)?"
    r"|\x1b[ -/]*[0-~]?"
)
_ERASES = re.compile(r"(?:\x1b\[|\x9b)([02]?)K")
_MOVE = re.compile(r"[\r\b\x00\x01]")
_ERASE_REST, _ERASE_LINE = "\0", "\1"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text, or its two ends with a line between them that says how much is missing.

    Attributes:
        text: as it is shown.
        left_out: bytes, in UTF-8, of what is not shown.
    """

    text: str
    left_out: int = 0


def plain(text: str) -> str:
    """What a terminal shows in the end: no escape, no control character but line feed and tab, no half character.

    ``\\r`` returns to the beginning of the line, ``\\b`` goes back by one, and both are written over; of the escapes,
    those that erase a line or its rest are followed. Takes time in proportion to the text, whatever is in it.
    """
    text = text.replace("\r\n", "\n")
    if _CONTROL.search(text) is not None:
        text = text.translate({0: None, 1: None})
        text = _ESCAPE.sub(_kept, text)
        if _MOVE.search(text):
            text = "\n".join(map(_collapsed, text.split("\n")))
        text = text.translate(_CONTROLS)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def excerpt(text: str, max_chars: int) -> Excerpt:
    """At most *max_chars* characters of a text, in :func:`plain`: all of it, or its beginning and its end.

    Args:
        text: as it was printed.
        max_chars: :data:`LEAST_CHARACTERS` or more.
    """
    if len(text) <= WHOLE_CHARACTERS:
        shown = plain(text)
        return Excerpt(shown) if len(shown) <= max_chars else _ends(shown, shown, 0, max_chars, is_one=True)
    window = _window(max_chars)
    between = sum(_bytes(text[at : min(at + (1 << 20), len(text) - window)]) for at in _steps(window, len(text)))
    return excerpt_of_ends(text[:window], text[-window:], between, max_chars)


def excerpt_of_ends(head: str, tail: str, between: int, max_chars: int) -> Excerpt:
    """The same of a text of which only the ends are at hand.

    Args:
        head: the beginning, as it was printed.
        tail: the end, likewise.
        between: bytes that are between them.
        max_chars: as in :func:`excerpt`.
    """
    newline = tail.find("\n")
    if 0 <= newline < len(tail) // 2:  # what was cut may have begun within an escape
        between += _bytes(tail[: newline + 1])
        tail = tail[newline + 1 :]
    return _ends(plain(head), plain(tail), between, max_chars)


def window_bytes(max_chars: int) -> int:
    """How much of either end :func:`excerpt_of_ends` is to be given."""
    return 4 * _window(max_chars)


def _ends(head: str, tail: str, between: int, max_chars: int, *, is_one: bool = False) -> Excerpt:
    room = max_chars - 60  # of the line between
    first, last = head[: room // 2], tail[-(room - room // 2) :]
    newline = first.rfind("\n", len(first) * 3 // 4)
    first = first[: newline + 1] if newline >= 0 else first
    newline = last.find("\n", 0, len(last) // 4)
    last = last[newline + 1 :] if newline >= 0 else last
    all_bytes = _bytes(head) if is_one else _bytes(head) + between + _bytes(tail)
    left_out = all_bytes - _bytes(first) - _bytes(last)
    start = "" if first.endswith("\n") or not first else "\n"
    return Excerpt(f"{first}{start}… {left_out:,} bytes left out …\n{last}", left_out)


def _window(max_chars: int) -> int:
    return min(WHOLE_CHARACTERS // 2, 2 * max_chars + 4096)


def _steps(start: int, length: int) -> range:
    return range(start, length - start, 1 << 20)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _kept(escape: re.Match[str]) -> str:
    erases = _ERASES.fullmatch(escape.group())
    if erases is None:
        return ""
    return _ERASE_LINE if erases[1] == "2" else _ERASE_REST


def _collapsed(line: str) -> str:
    if _MOVE.search(line) is None:
        return line
    shown: list[str] = []
    at = start = 0
    for move in _MOVE.finditer(line):
        at = _write(shown, at, line[start : move.start()])
        start = move.end()
        match move.group():
            case "\r":
                at = 0
            case "\b":
                at = max(0, at - 1)
            case "\0":
                del shown[at:]
            case _:
                shown, at = [], 0
    _write(shown, at, line[start:])
    return "".join(shown)


def _write(shown: list[str], at: int, text: str) -> int:
    shown[at : at + len(text)] = text
    return at + len(text)
