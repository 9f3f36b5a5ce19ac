"""New cells of a document, with the keys and the types that ``createCell`` of @jupyter/ydoc gives them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pycrdt import Array, Map, Text

from ..sources import to_y
from .describing import metadata_of, to_python


def new_cell(type_: str, source: str, metadata: Mapping[str, Any] | None = None, *, trusted: bool = True) -> Map[Any]:
    """A cell with an id of its own and without outputs.

    Args:
        type_: ``code``, ``markdown`` or ``raw``.
        source: of the cell.
        metadata: of the cell.
        trusted: whether outputs of a code cell would be shown. It has none, so it is, unless a kernel has made it.
    """
    return _cell(str(uuid.uuid4()), type_, source, dict(metadata or {}), trusted=trusted)


def retyped(cell: Map[Any], type_: str, source: str) -> Map[Any]:
    """The cell that takes the place of one when that becomes another type: outputs go, attachments of text stay."""
    metadata = {key: item for key, item in metadata_of(cell).items() if key != "trusted"}
    attachments = cell.get("attachments")
    kept = {"attachments": to_python(attachments)} if attachments and type_ != "code" else {}
    return _cell(str(cell["id"]), type_, source, metadata, **kept)


def copied(cell: Map[Any]) -> Map[Any]:
    """The same once more: a shared object cannot be moved. Like JupyterLab's, the copy does not say that it runs."""
    value: dict[str, Any] = cell.to_py() or {}
    value.pop("execution_state", None)
    value["source"] = Text(str(cell["source"]))
    value["metadata"] = Map(metadata_of(cell))
    if isinstance(value.get("outputs"), list):
        value["outputs"] = Array([to_y(output) for output in value["outputs"]])
    return Map(value)


def _cell(
    cell_id: str, type_: str, source: str, metadata: dict[str, Any], *, trusted: bool = True, **more: Any
) -> Map[Any]:
    if type_ == "code":
        metadata = {**metadata, "trusted": trusted}
        more = {"outputs": Array(), "execution_count": None}
    return Map({"id": cell_id, "cell_type": type_, "source": Text(source), "metadata": Map(metadata), **more})
