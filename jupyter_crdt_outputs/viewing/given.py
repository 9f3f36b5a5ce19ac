"""Reading cells that may be anything: what a document or a file holds is as others have written it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.plain_text import plain
from .values import joined

_NAME_CHARACTERS = 200


def outputs_of(cell: Any) -> list[Any]:
    """The outputs of a cell that may be anything."""
    outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
    return outputs if isinstance(outputs, list) else []


def id_of(cell: Any) -> str:
    """What a cell can be called by; empty where it has no such thing."""
    name = cell.get("id") if isinstance(cell, Mapping) else None
    return name if isinstance(name, str) and short(name) == name and not name.startswith("#") else ""


def short(value: Any) -> str:
    """A word, in no more than so many characters and none of them a control; empty for what is no text."""
    return plain(joined(value)[: 2 * _NAME_CHARACTERS])[:_NAME_CHARACTERS]


def count(value: Any) -> int | None:
    """A whole number, which shared documents hold as a float; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < 2**53 else None
