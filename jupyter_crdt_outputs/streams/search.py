"""Finding text in a long stream, a segment at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import regex

from ..errors import InvalidPattern
from .view import StreamView

_LONGEST_LINE = 1 << 25
"""Bytes. Of a longer line, what is found in each part of it counts as found in a line of its own beginning."""

_BLOCK_S = 5.0


@dataclass(slots=True)
class Progress:
    """What was found in one more part of a text.

    Attributes:
        hits: line from 0, column and length in UTF-16 units, as browsers count.
        scanned: bytes, of the whole text.
    """

    scanned: int
    hits: list[tuple[int, int, int]] = field(default_factory=list)


class Search:
    """Looks for a text or a regular expression, line by line: nothing is found across the end of a line.

    Args:
        query: what to look for.
        is_regex: whether it is a regular expression, as the ``regex`` library understands them.
        match_case: whether upper and lower case differ.

    Raises:
        InvalidPattern: for an empty query, and for a regular expression that is none.
    """

    def __init__(self, query: str, *, is_regex: bool = False, match_case: bool = False) -> None:
        if not query or (not is_regex and "\n" in query):
            raise InvalidPattern("look for some text within one line")
        self._match_case = match_case
        self._needle: bytes | None = None
        if not is_regex and (match_case or query.isascii()):
            self._needle = (query if match_case else query.lower()).encode("utf-8", "replace")
            return
        flags = regex.MULTILINE | (0 if match_case else regex.IGNORECASE)
        try:
            self._pattern = regex.compile(query if is_regex else regex.escape(query), flags)
        except regex.error as error:
            raise InvalidPattern(f"not a regular expression: {error}") from error

    def run(self, view: StreamView) -> Iterator[Progress]:
        """Scan a text; to stop early, stop asking. Blocks on the store, and holds a few segments in memory.

        Raises:
            InvalidPattern: the expression takes too long on this text.
        """
        line = scanned = 0
        rest = b""
        for block in view.blocks():
            scanned += len(block)
            data = rest + block
            end = len(data) if len(data) > _LONGEST_LINE or scanned == view.size else data.rfind(b"\n") + 1
            data, rest = data[:end], data[end:]
            yield Progress(scanned, list(self._hits(data, line)))
            line += data.count(b"\n")

    def _hits(self, data: bytes, line: int) -> Iterator[tuple[int, int, int]]:
        at = 0
        for start, stop in self._spans(data):
            line += data.count(b"\n", at, start)
            at = start
            begin = data.rfind(b"\n", 0, start) + 1
            yield line, _units(data[begin:start]), _units(data[start:stop])

    def _spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where in *data* something is found, in bytes."""
        if self._needle is not None:
            data = data if self._match_case else data.lower()  # of ASCII, so that nothing changes its place
            start = data.find(self._needle)
            while start >= 0:
                yield start, start + len(self._needle)
                start = data.find(self._needle, start + len(self._needle))
            return
        text = data.decode("utf-8", "replace")
        at = offset = 0
        try:
            for match in self._pattern.finditer(text, timeout=_BLOCK_S, concurrent=True):
                start, stop = match.start(), match.end()
                if (newline := text.find("\n", start, stop)) >= 0:
                    stop = newline
                if start == stop:
                    continue
                start_offset = offset + len(text[at:start].encode())
                at, offset = stop, start_offset + len(text[start:stop].encode())
                yield start_offset, offset
        except TimeoutError as error:
            raise InvalidPattern("this regular expression takes too long; make it simpler") from error


def _units(data: bytes) -> int:
    return len(data.decode("utf-8", "replace").encode("utf-16-le")) // 2
