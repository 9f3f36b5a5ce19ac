"""The Range header of RFC 9110, for one range."""

from __future__ import annotations

import re

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,20})\s*-\s*([0-9]{0,20})\s*", re.ASCII | re.IGNORECASE)


def parse_range(header: str | None, size: int) -> range | None:
    """The bytes that *header* asks for, out of *size*.

    Returns:
        None when the whole is to be sent: there is no header, it is malformed, or it asks for several ranges, all of
        which a server may answer so. An empty range when none of the bytes asked for exist (status 416).
    """
    match = _ONE_RANGE.fullmatch(header) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None  # not unsatisfiable but malformed
    elif last:
        start, stop = max(0, size - int(last)), size
    else:
        return None
    return range(start, stop)
