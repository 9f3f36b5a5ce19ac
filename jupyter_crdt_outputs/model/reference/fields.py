"""Values of a reference, which anybody may have written: taken as what they are to be, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import InvalidReference


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """An object. Raises InvalidReference, as the others."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidReference(f"{what} is not an object")
    return value


def text(value: object, what: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise InvalidReference(f"{what} is not a string")
    return value


def integer(value: object, what: str) -> int:
    """A size. Shared documents hold every number as a float, so integral floats are welcome."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or not 0 <= value < 2**53:
        raise InvalidReference(f"{what} is not a size")
    if value != int(value):
        raise InvalidReference(f"{what} is not a whole number")
    return int(value)
