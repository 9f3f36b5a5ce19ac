"""Numbers of bytes for people."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size_text(size: int) -> str:
    """A number of bytes in powers of 1000, as file managers count: ``1.2 MB``. Stands in documents and files."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return f"{size} B"
    return f"{value:.{1 if value < 99.95 else 0}f} {_UNITS[unit]}"
