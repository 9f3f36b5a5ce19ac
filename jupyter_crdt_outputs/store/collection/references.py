"""Finding digests in whatever bytes may hold references, without understanding them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}")

_NEAR = 512
"""In a reference to a long stream, the key of its index stands this closely before the digest, in whatever order and
notation the keys are."""

_KEPT = _NEAR + 64


@dataclass(frozen=True, slots=True)
class Found:
    """A digest, or what looks like one.

    Attributes:
        digest: 32 bytes.
        may_be_index: whether it may be that of the index of a long stream, which reaches further artifacts.
    """

    digest: bytes
    may_be_index: bool


def references_in(chunks: Iterable[bytes]) -> Iterator[Found]:
    """Every digest in what these make together, perhaps several times; cut them as you like.

    Sound for JSON, for updates of shared documents and for our own files: in all of these a digest follows something
    that is no hexadecimal digit, a quote, its length, or the beginning of a line. What merely looks like one does no
    harm.
    """
    before = b""
    for chunk in chunks:
        text = before + chunk
        for match in _DIGEST.finditer(text):
            start = match.start()
            is_near = text.find(b"index", max(0, start - _NEAR), start) >= 0
            yield Found(bytes.fromhex(match[0].decode("ascii")), is_near)
        before = text[-_KEPT:]
