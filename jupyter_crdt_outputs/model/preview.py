"""The short plain text that stands beside a reference, for whoever cannot resolve it."""

from __future__ import annotations

from .sizes import size_text

LINES = 5
"""Lines shown of either end."""

END_BYTES = 2048
"""How much of either end of a long stream the preview is made of."""

_LINE_CHARACTERS = 120


def of_text(text: str, size: int) -> str:
    """The first and last lines of a long text, and how much is between them."""
    lines = text.splitlines()
    head, rest = lines[:LINES], lines[LINES:]
    return _joined(head, rest[-LINES:], len(lines), size)


def of_stream(head: bytes, tail: bytes, lines: int, size: int) -> str:
    """The same for a text of which only the ends are at hand.

    Args:
        head: its first bytes, :data:`END_BYTES` of them if there are so many.
        tail: its last bytes, likewise.
        lines: in all.
        size: bytes in all.
    """
    first = _lines(head)[: min(LINES, lines)]
    last = _lines(tail)[1:] if size > len(tail) else _lines(tail)  # the first of them is cut
    return _joined(first, last[-min(LINES, lines - len(first)) :] if lines > len(first) else [], lines, size)


def of_beginning(head: bytes) -> str:
    """The first lines of a text that is still being written."""
    return "\n".join([*map(_shorten, _lines(head)[:LINES]), "… still being written …"])


def of_bundle(sizes: dict[str, int]) -> str:
    """Names the types of a bundle that has no text of its own."""
    return "[" + ", ".join(f"{mime}, {size_text(size)}" for mime, size in sizes.items()) + "]"


def _joined(first: list[str], last: list[str], lines: int, size: int) -> str:
    more = max(0, lines - len(first) - len(last))
    between = f"… {f'{more:,} more lines, ' if more else ''}{size_text(size)} in all …"
    return "\n".join([*map(_shorten, first), between, *map(_shorten, last)])


def _lines(data: bytes) -> list[str]:
    """Its lines, without what is left of characters that were cut in two."""
    return data.decode("utf-8", "ignore").removesuffix("\n").split("\n")


def _shorten(line: str) -> str:
    if len(line) <= _LINE_CHARACTERS:
        return line
    return line[: _LINE_CHARACTERS // 2] + " … " + line[-_LINE_CHARACTERS // 2 :]
