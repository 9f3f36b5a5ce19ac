"""Imported by the notebooks in their kernel: makes outputs of an exact size that are the same in every run."""

from __future__ import annotations

import random
import struct
import zlib


def noise(size: int) -> bytes:
    """*size* bytes that do not compress."""
    return random.Random(size).randbytes(size)


def png(size: int, *, width: int = 256) -> bytes:
    """A PNG of RGB noise of about *size* bytes, *width* pixels wide."""
    height = max(1, size // (3 * width))
    row = 3 * width
    pixels = noise(row * height)
    rows = b"".join(b"\0" + pixels[start : start + row] for start in range(0, len(pixels), row))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def svg(circles: int) -> str:
    """An SVG of that many circles."""
    body = "".join(f'<circle cx="{i % 100}" cy="{i // 100}" r="1"/>' for i in range(circles))
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60">{body}</svg>'


def words(size: int) -> str:
    """About *size* characters of numbered words, eight to a line."""
    lines: list[str] = []
    length = number = 0
    while length < size:
        lines.append(" ".join(f"word{number + i:06}" for i in range(8)))
        length += len(lines[-1]) + 1
        number += 8
    return "\n".join(lines)
