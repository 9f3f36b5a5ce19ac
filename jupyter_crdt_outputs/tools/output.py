"""What commands print: for people in MB and days, for programs in exact bytes and JSON."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ..model.sizes import size_text as size_text

_AGES = ((86400, "d"), (3600, "h"), (60, "min"))


def print_json(value: Any) -> None:
    """One JSON document on one line, in ASCII whatever the terminal's encoding is."""
    print(json.dumps(value))


def print_table(rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Aligned columns, those in *right* to the right. Holds all rows in memory; without rows, prints nothing."""
    kept = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    for row in kept:
        cells = (
            text.rjust(width) if at in right else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def age_text(modified: float | None, now: float | None = None) -> str:
    """How long ago *modified* (POSIX seconds) was, for people: ``3 d``. A question mark for None."""
    if modified is None:
        return "?"
    age = max(0.0, (time.time() if now is None else now) - modified)
    for seconds, unit in _AGES:
        if age >= seconds:
            return f"{age / seconds:.0f} {unit}"
    return f"{age:.0f} s"


def time_json(moment: float | None) -> str | None:
    """POSIX seconds as ISO 8601 in UTC, to the second."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def url_text(url: str) -> str:
    """A URL (or a path, as it is) without user, password and query."""
    return re.sub(r"(?<=://)[^/]*@", "", url).partition("?")[0] if "://" in url else url


def count_text(count: int, noun: str) -> str:
    """``1 artifact``, ``2,000 artifacts``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def warn(message: str) -> None:
    """A line for people that is no result."""
    print(message, file=sys.stderr, flush=True)
