"""How a cell is told of, be it one of a document or one of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycrdt import Map

from ...model.cells import CellSource, digest_text


def described(cells: Sequence[tuple[int, Mapping[str, Any]]]) -> list[CellSource]:
    """Cells as they can be edited. Anything may be given: what a cell lacks is empty.

    Args:
        cells: index and cell, of a document or of a file.
    """
    return [describe(index, cell) for index, cell in cells]


def describe(index: int, cell: Mapping[str, Any] | Map[Any]) -> CellSource:
    """One of them."""
    metadata, source = metadata_of(cell), cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    type_, count = str(cell.get("cell_type", "")), cell.get("execution_count")
    tags = metadata.get("tags")
    return CellSource(
        index,
        str(cell.get("id") or ""),
        type_,
        text,
        digest_text(text),
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        int(count) if isinstance(count, int | float) and abs(count) < 2**53 else None,
        str(cell.get("execution_state") or "idle") if type_ == "code" else None,
        metadata.get("editable") is not False,
        metadata.get("deletable") is not False,
    )


def metadata_of(cell: Mapping[str, Any] | Map[Any]) -> dict[str, Any]:
    """A cell's metadata as Python objects."""
    found = to_python(cell.get("metadata"))
    return found if isinstance(found, dict) else {}


def to_python(value: Any) -> Any:
    """What a shared object has, or what is no shared object as it is."""
    return value.to_py() if hasattr(value, "to_py") else value
