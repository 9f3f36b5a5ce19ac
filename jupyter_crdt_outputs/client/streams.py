"""The text of a long stream, piece by piece."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from ..model.reference import LogReference, LongStreamReference, StreamReference
from .steps import Ask, Call

PIECE_BYTES = 1 << 22
"""As much as is asked for at once."""


class Piece(NamedTuple):
    """A part of a text.

    Attributes:
        data: its bytes.
        is_last: whether the text ends with it.
    """

    data: bytes
    is_last: bool


def piece_of(
    stream: StreamReference | LongStreamReference | LogReference | str, start: int, size: int = PIECE_BYTES
) -> Call[Piece]:
    """A part of a stream's text.

    Args:
        stream: a reference; the id of a log, or the digest of an index.
        start: the first byte.
        size: how many bytes at most.
    """
    if not isinstance(stream, StreamReference):
        if isinstance(stream, LongStreamReference):
            stream = stream.index.digest.hex
        elif isinstance(stream, LogReference):
            stream = stream.log
        return (yield from _piece(f"streams/{quote(stream, safe='')}", start, size))
    left = start
    for number, part in enumerate(stream.segments):
        if left < part.size:
            data, is_last = yield from _piece(f"artifacts/{part.digest.hex}", left, size)
            return Piece(data, is_last and number == len(stream.segments) - 1)
        left -= part.size
    return Piece(b"", True)


def lines_of(stream: StreamReference | LongStreamReference | LogReference | str, start: int) -> Call[Piece]:
    """The same, with whole lines in all pieces but the last."""
    size = PIECE_BYTES
    while True:
        data, is_last = yield from piece_of(stream, start, size)
        end = len(data) if is_last else data.rfind(b"\n") + 1
        if end or is_last:
            return Piece(data[:end], is_last)
        if len(data) < size:  # the end of a segment
            data, is_last = yield from _joined(stream, start, data)
            return Piece(data, is_last)
        size *= 2


def _joined(stream: StreamReference | LongStreamReference | LogReference | str, start: int, data: bytes) -> Call[Piece]:
    """A line that is in more than one segment, with all that follows it."""
    is_last = False
    while not is_last:
        more, is_last = yield from piece_of(stream, start + len(data))
        data += more
    return Piece(data, True)


def _piece(path: str, start: int, size: int) -> Call[Piece]:
    headers = {"Range": f"bytes={start}-{start + size - 1}", "Accept-Encoding": "identity"}
    answer = yield Ask(f"api/crdt-outputs/{path}", headers=headers, wait_s=60.0)
    if answer.status == 416:
        return Piece(b"", True)
    if answer.status == 200:  # all of it, whatever was asked for
        return Piece(answer.content[start:], True)
    return Piece(answer.content, len(answer.content) < size)
