"""Writing the pieces of a notebook file, of which those that its last version has are copied inside the system."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..store import durable
from .file_form import CannotSplice
from .pieces import Output, Pieces, text_of
from .replacing import Replacement

_CHUNK_BYTES = 1 << 20

Spans = Mapping[str, tuple[int, int]]


def splice(
    replacement: Replacement,
    pieces: Pieces,
    known: Spans,
    original: Callable[[Output], Output],
    wrote: Callable[[int], None],
) -> Spans:
    """Write all pieces; returns where the text of each output is, in bytes from the beginning, and its length.

    Args:
        replacement: of the file.
        pieces: of what it is to have.
        known: where in the old file the texts of outputs are.
        original: gives an output as it is in a file.
        wrote: told after each piece how long the file is.

    Raises:
        CannotSplice: the old file is shorter than it is said to be; and what *original* raises.
        OSError: the disk is full.
    """
    spans: dict[str, tuple[int, int]] = {}
    at = 0
    for piece in pieces:
        if isinstance(piece, bytes):
            durable.write_all(replacement.descriptor, piece)
            at += len(piece)
        else:
            if replacement.old is not None and piece.key in known:
                start, length = known[piece.key]
                _copy(replacement.old, replacement.descriptor, start, length)
            else:
                text = text_of(original(piece.output))
                length = len(text)
                durable.write_all(replacement.descriptor, text)
            spans[piece.key] = (at, length)
            at += length
        wrote(at)
    return spans


def _copy(source: int, target: int, start: int, length: int) -> None:
    """Append a part of one file to another."""
    while length:
        copied = _copy_some(source, target, start, length)
        start += copied
        length -= copied


def _copy_some(source: int, target: int, start: int, length: int) -> int:
    if hasattr(os, "copy_file_range"):
        with suppress(OSError):  # not every system can; and what is really wrong, the next lines say, too
            copied = os.copy_file_range(source, target, length, offset_src=start)
            if copied:
                return copied
    data = os.pread(source, min(length, _CHUNK_BYTES), start)
    if not data:
        raise CannotSplice
    return os.write(target, data)
