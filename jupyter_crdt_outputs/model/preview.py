"""The short plain text that stands beside a reference, for whoever cannot resolve it."""

from __future__ import annotations

LINES = 5
"""Lines shown of either end."""

_LINE_CHARACTERS = 120


def of_text(text: str, size: int) -> str:
    """The first and last lines of a long text, and how much is between them."""
    lines = text.splitlines()
    return of_stream(lines[:LINES], lines[LINES:], len(lines), size)


def of_stream(head: list[str], rest: list[str], count: int, size: int) -> str:
    """The same for a text of which only the ends are at hand.

    Args:
        head: its first lines.
        rest: lines up to its end.
        count: lines in all.
        size: bytes in all.
    """
    tail = rest[-LINES:] if count > len(head) else []
    more = max(0, count - len(head) - len(tail))
    between = f"… {f'{more:,} more lines, ' if more else ''}{human_size(size)} in all …"
    return "\n".join([*map(_shorten, head[:LINES]), between, *map(_shorten, tail)])


def of_bundle(sizes: dict[str, int]) -> str:
    """Names the types of a bundle that has no text of its own."""
    return "[" + ", ".join(f"{mime}, {human_size(size)}" for mime, size in sizes.items()) + "]"


def human_size(size: int) -> str:
    """Bytes for people, in powers of 1000 as file managers count."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _shorten(line: str) -> str:
    if len(line) <= _LINE_CHARACTERS:
        return line
    return line[: _LINE_CHARACTERS // 2] + " … " + line[-_LINE_CHARACTERS // 2 :]
