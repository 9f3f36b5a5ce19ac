"""What Tab offers where a digest is asked for."""

from __future__ import annotations

import argparse
import itertools
import time

from .place import place_of

_MOST = 100
_LONGEST_S = 0.5


def digests(prefix: str, options: argparse.Namespace) -> list[str]:
    """Digests that begin so; none for less than two digits, of which there would be too many."""
    if len(prefix) < 2:
        return []
    until = time.monotonic() + _LONGEST_S
    found = itertools.takewhile(lambda _: time.monotonic() < until, place_of(options).beginning(prefix))
    return [digest.hex for digest in itertools.islice(found, _MOST)]
