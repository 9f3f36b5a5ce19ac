"""``cat``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ...model.digest import Digest
from ...store import ArtifactStore
from ..output import count_text, print_json
from ..place import place_of
from ..refused import Refused

_PIECE_BYTES = 1 << 23


def cat(options: argparse.Namespace) -> int:
    """Write an artifact. Not a byte is written before all of it was hashed, and a large one is never in memory."""
    if options.json and options.output is None:
        raise Refused("with --json, give a file for the bytes: --output FILE")
    place = place_of(options)
    digest = place.find(options.digest)
    store = place.holding(digest)
    pieces = _pieces(store, digest)
    first = next(pieces)
    if options.output is not None:
        size = _write_file(options.output, first, pieces)
        if options.json:
            print_json({"digest": digest.hex, "size": size, "output": str(options.output)})
        return 0
    if sys.stdout.isatty() and _is_binary(first):
        size = store.size(digest)
        raise Refused(f"{digest} is {count_text(size, 'byte')} that are no text: give --output FILE, or a pipe")
    sys.stdout.flush()
    _write(sys.stdout.buffer, first, pieces)
    return 0


def _pieces(store: ArtifactStore, digest: Digest) -> Iterator[bytes]:
    """The artifact in one or more pieces; the first comes after all were hashed."""
    size = store.size(digest)
    if size <= _PIECE_BYTES:
        yield store.get(digest)
        return
    for start in range(0, size, _PIECE_BYTES):
        yield store.read(digest, start, start + _PIECE_BYTES)


def _write(file: BinaryIO, first: bytes, rest: Iterator[bytes]) -> int:
    file.write(first)
    size = len(first) + sum(file.write(piece) for piece in rest)
    file.flush()
    return size


def _write_file(path: Path, first: bytes, rest: Iterator[bytes]) -> int:
    """Aside, and then in its place: an interrupted command leaves the file as it was, or none."""
    if path.exists() and not path.is_file():  # such as /dev/stdout, or a pipe
        with path.open("wb") as file:
            return _write(file, first, rest)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            size = _write(file, first, rest)
        _give_usual_rights(aside)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
    return size


def _give_usual_rights(path: Path) -> None:
    """Those that the user asks for with ``umask``: a temporary file is for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def _is_binary(beginning: bytes) -> bool:
    try:
        text = beginning[:4096].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        if error.start < min(len(beginning), 4096) - 3:  # not just a character that was cut
            return True
        text = beginning[: error.start].decode("utf-8")
    return "\0" in text
