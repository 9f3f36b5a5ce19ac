"""Whether a notebook file is, byte for byte, what a save would write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from .pieces import OutputPiece


def is_file_of(path: Path, pieces: Iterable[bytes | OutputPiece], spans: Mapping[str, tuple[int, int]]) -> bool:
    """Whether the file at *path* consists of *pieces*.

    Args:
        path: of the file.
        pieces: of the notebook.
        spans: where outputs are that the file has as a save would write them.

    Raises:
        OSError: the file cannot be read.
    """
    at = 0
    with path.open("rb", buffering=0) as file:
        for piece in pieces:
            if isinstance(piece, bytes):
                if os.pread(file.fileno(), len(piece), at) != piece:
                    return False
                at += len(piece)
            else:
                # Equal outputs have one key, and the one that is known may be another one than this.
                start, length = spans.get(piece.key, (-1, 0))
                if start < 0 or (start != at and not _are_equal(file.fileno(), start, at, length)):
                    return False
                at += length
        return os.fstat(file.fileno()).st_size == at


def _are_equal(descriptor: int, one: int, other: int, length: int) -> bool:
    chunk = 1 << 20
    return all(
        os.pread(descriptor, min(chunk, length - at), one + at)
        == os.pread(descriptor, min(chunk, length - at), other + at)
        for at in range(0, length, chunk)
    )
