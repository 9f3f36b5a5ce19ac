"""Any part of a long text, by bytes or by lines, without reading the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from ..model.digest import Digest
from ..model.segments import Segment, from_index
from ..store import ArtifactStore

LINE_CHARACTERS = 16_384
"""Longer lines are cut when lines are asked for: nobody reads them, and a page would freeze on them."""

_ANSWER_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 18


@dataclass(slots=True)
class Lines:
    """Some lines of a text.

    Attributes:
        first: the number of the first of them, from 0.
        lines: without their ends, and cut to :data:`LINE_CHARACTERS`.
        clipped: the size in bytes of each line that was cut, by its number.
    """

    first: int
    lines: list[str] = field(default_factory=list)
    clipped: dict[int, int] = field(default_factory=dict)


class StreamView:
    """A text as it is at one moment; reading it blocks on the store, and holds one segment in memory.

    Args:
        segments: of the text, in order.
        rest: its end, which is in no segment.
        read: gives an artifact's verified bytes.

    Attributes:
        size: bytes.
    """

    def __init__(self, segments: Sequence[Segment], rest: bytes, read: Callable[[Digest], bytes]) -> None:
        self._segments = segments
        self._rest = rest
        self._read = read
        sizes = [*(segment.size for segment in segments), len(rest)]
        newlines = [*(segment.newlines for segment in segments), rest.count(b"\n")]
        self._starts = list(accumulate(sizes, initial=0))
        self._newlines = list(accumulate(newlines, initial=0))
        self._cached = (-1, b"")
        self.size = self._starts[-1]

    @cached_property
    def lines_in_all(self) -> int:
        """How many lines, an unfinished last one counted. Reads the last segment."""
        return self._newlines[-1] + (not self._ends_with_newline())

    @classmethod
    def of_index(cls, store: ArtifactStore, digest: Digest) -> StreamView:
        """The text of an index. Raises what the store raises, and :class:`InvalidReference` for what is no index."""
        return cls(from_index(store.get(digest)), b"", store.get)

    def blocks(self) -> Iterator[bytes]:
        """The whole text, a segment at a time."""
        return (self._block(index) for index in range(len(self._segments) + 1))

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from *start* up to *stop*, or up to the end of the text."""
        pieces = []
        stop = min(stop, self.size)
        while start < stop:
            index = bisect_right(self._starts, start) - 1
            begin = self._starts[index]
            pieces.append(self._block(index)[start - begin : stop - begin])
            start = self._starts[index + 1]
        return b"".join(pieces)

    def lines(self, first: int, count: int) -> Lines:
        """Up to *count* lines from line *first* on: fewer at the end of the text, and when they are long."""
        found = Lines(first)
        budget = _ANSWER_BYTES
        offset = self._start_of(first)
        while len(found.lines) < min(count, self.lines_in_all - first) and budget > 0:
            data = self.read(offset, offset + _BLOCK_BYTES)
            *whole, rest = data.split(b"\n")
            if offset + len(data) == self.size and rest:
                whole.append(rest)
            for line in whole[: count - len(found.lines)]:
                self._add(found, line, len(line))
                offset += len(line) + 1
                budget -= min(len(line), LINE_CHARACTERS) + 1
                if budget <= 0:
                    break
            if not whole:  # a line that is longer than a block
                following = self._start_of(first + len(found.lines) + 1)
                self._add(found, data, following - offset - 1)
                offset = following
                budget -= LINE_CHARACTERS
        return found

    def last_lines(self, count: int) -> Lines:
        """The last *count* lines, or as many as one answer holds."""
        count = min(count, self.lines_in_all)
        while count:
            found = self.lines(self.lines_in_all - count, count)
            if len(found.lines) == count:
                return found
            count //= 2
        return Lines(self.lines_in_all)

    def _start_of(self, line: int) -> int:
        """The offset of a line; of one after the last, the end of the text, as if a newline were there."""
        if line <= 0:
            return 0
        if line > self._newlines[-1]:
            return self.size + (not self._ends_with_newline())
        index = bisect_left(self._newlines, line) - 1
        before = self._block(index).split(b"\n", line - self._newlines[index])
        return self._starts[index + 1] - len(before[-1])

    def _add(self, found: Lines, line: bytes, size: int) -> None:
        text = line[: 4 * LINE_CHARACTERS].decode("utf-8", "replace")
        if len(text) > LINE_CHARACTERS or size > len(line):
            found.clipped[found.first + len(found.lines)] = size
        found.lines.append(text[:LINE_CHARACTERS])

    def _ends_with_newline(self) -> bool:
        if not self.size:
            return True
        return self.read(self.size - 1, self.size) == b"\n"

    def _block(self, index: int) -> bytes:
        if index == len(self._segments):
            return self._rest
        if self._cached[0] != index:
            self._cached = (index, self._read(self._segments[index].digest))
        return self._cached[1]
