"""The JSON of views: what holds nothing is left out, and keys of later versions are passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any


def to_json(value: Any) -> Any:
    """The JSON form of a view, of several in a tuple, or of a plain value."""
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    given = ((each, getattr(value, each.name)) for each in fields(value))
    return {each.name: to_json(item) for each, item in given if item != each.default}


def known(kind: type, value: object) -> dict[str, Any]:
    """Those values of an object that a view of this kind has. Raises TypeError for what is no object."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{kind.__name__} is an object")
    names = {each.name for each in fields(kind)}
    return {key: item for key, item in value.items() if key in names}
