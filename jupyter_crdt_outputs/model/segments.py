"""A long text as a list of segments, each an artifact, and the index that names them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import InvalidReference
from .digest import Digest

SEGMENT_BYTES = 1 << 20
"""Every segment of a text but the last has this many bytes, or up to three fewer so as not to cut a character. Equal
texts so have equal segments, however they came about."""

INDEX_HEADER = b"crdt-outputs stream index 1\n"
"""Every index begins with this."""

_LINE = re.compile(rb"([0-9a-f]{64}) ([0-9]{1,10}) ([0-9]{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text.

    Attributes:
        digest: of the artifact that holds it in UTF-8.
        size: bytes.
        newlines: how many ``\\n`` are in it.
    """

    digest: Digest
    size: int
    newlines: int

    @classmethod
    def of(cls, data: bytes, digest: Digest | None = None) -> Segment:
        """The segment that *data* is; its digest is computed unless it is known."""
        return cls(digest or Digest.of(data), len(data), data.count(b"\n"))

    def to_bytes(self) -> bytes:
        """Its line in an index."""
        return b"%s %d %d\n" % (self.digest.hex.encode("ascii"), self.size, self.newlines)


def cut(data: bytes, *, whole: bool) -> Iterator[bytes]:
    """The segments of a text in UTF-8, or of the rest of one that follows whole segments.

    Args:
        data: the text.
        whole: also give what is left at the end; otherwise only what no further text could change.
    """
    start = 0
    while len(data) - start >= SEGMENT_BYTES:
        stop = start + SEGMENT_BYTES
        while stop < len(data) and data[stop] & 0xC0 == 0x80:  # within a character
            stop -= 1
        yield data[start:stop]
        start = stop
    if whole and start < len(data):
        yield data[start:]


def to_index(segments: Iterable[Segment]) -> bytes:
    """The index: a function of the text alone."""
    return INDEX_HEADER + b"".join(segment.to_bytes() for segment in segments)


def from_index(data: bytes) -> list[Segment]:
    """The segments that an index names. Raises :class:`InvalidReference` for what is none."""
    if not data.startswith(INDEX_HEADER) or not data.endswith(b"\n"):
        raise InvalidReference("the artifact is not the index of a stream")
    return list(parse_segments(data[len(INDEX_HEADER) :].splitlines()))


def parse_segments(lines: Sequence[bytes]) -> Iterator[Segment]:
    """Take the lines of an index from outside. Raises :class:`InvalidReference`."""
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise InvalidReference("a line of the index names no segment")
        yield Segment(Digest.parse(match[1].decode("ascii")), int(match[2]), int(match[3]))
