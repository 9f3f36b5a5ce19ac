"""Checking what comes from outside, JSON or the text of a query: each in words for whoever sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidRequest

LONGEST = 1024
"""Of a name, in characters."""


def json_object(value: object, what: str, keys: set[str]) -> Mapping[str, Any]:
    """An object with none but these keys. Raises InvalidRequest, which calls it *what*."""
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{what} is an object")
    unknown = [key for key in value if key not in keys]
    if unknown:
        raise InvalidRequest(f"{what} has no {unknown[0]!r:.80}; it may have: {', '.join(sorted(keys))}")
    return value


def number(value: object, name: str, low: float, high: float) -> float:
    """A number from outside, JSON or text. Raises :class:`InvalidRequest`."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or not low <= found <= high:
        raise InvalidRequest(f"{name} is a number from {low:g} to {high:g}")
    return found


def text(given: Mapping[str, Any], key: str) -> str | None:
    """A name that may be missing. Raises InvalidRequest."""
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not value or len(value) > LONGEST):
        raise InvalidRequest(f"{key} is a string of up to {LONGEST} characters")
    return value


def long_text(value: object, name: str, most: int) -> str:
    """A text of up to *most* characters, which kernels and documents can take. Raises InvalidRequest."""
    if not isinstance(value, str) or len(value) > most:
        raise InvalidRequest(f"{name} is a string of up to {most} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{name} holds half a character (a lone surrogate)") from error
    return value


def flag(given: Mapping[str, Any], key: str, default: bool | None) -> bool | None:
    """True or false, or *default* when it is missing. Raises InvalidRequest."""
    value = given.get(key, default)
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(f"{key} is true or false")
    return default if value is None else value
