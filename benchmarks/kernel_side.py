"""Imported by the measured notebooks in their kernel."""

from __future__ import annotations

import random
import struct
import zlib

from IPython.display import Image

__all__ = ["Image", "png"]

_WIDTH = 512


def png(size: int, seed: str) -> bytes:
    """A PNG of noise of about *size* bytes, another one for each *seed*."""
    row = 3 * _WIDTH
    noise = random.Random(f"{size} {seed}").randbytes(max(1, size // row) * row)
    rows = b"".join(b"\0" + noise[start : start + row] for start in range(0, len(noise), row))
    header = struct.pack(">IIBBBBB", _WIDTH, len(noise) // row, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
