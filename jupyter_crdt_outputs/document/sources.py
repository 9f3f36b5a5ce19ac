"""How the document of a notebook begins: the same for the same notebook, however and in how many steps it was read.

Upstream makes a document from a file with a fixed author, so that a browser that was away while a server made it anew
finds what it knows. So the order in which things are written must be a function of the notebook alone. It is: the
cells, with no outputs and not trusted; whether they are trusted; their outputs, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from pycrdt import Array, Doc, Map, Text

AUTHOR = 0
"""The client id of upstream's source documents."""

ORDER = 1
"""Raise this when the order changes: documents that were made in another one must not be merged with these."""

_AT_ONCE = 64

_CELLS = UUID("ea3c6e3e-2a4b-4b0e-9d43-0d6a4b7f1c55")


def is_source(doc: Doc[Any], cells: Array[Any]) -> bool:
    """Whether this is the document that upstream makes a room's first content in."""
    return doc.client_id == AUTHOR and not len(cells)


def slices(count: int) -> Iterator[range]:
    """The numbers of *count* cells, so many at a time as are written in a millisecond or two."""
    return (range(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE))


def beginning_of(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook to be written first."""
    cells = [_begun(cell, number) for number, cell in enumerate(notebook["cells"])]
    metadata = notebook.get("metadata", {})
    return {**notebook, "cells": cells, "metadata": _ordered(metadata) if isinstance(metadata, dict) else metadata}


def write_rest(doc: Doc[Any], cells: Array[Any], notebook: Mapping[str, Any]) -> Iterator[None]:
    """Write what comes after the beginning, where all of it is known; in between, others may have the event loop."""
    for some in slices(len(notebook["cells"])):
        write_trust(doc, cells, notebook, some)
        yield
    for some in slices(len(notebook["cells"])):
        for number in some:
            if _has_outputs(notebook["cells"][number]):
                write_outputs(doc, cells[number], notebook["cells"][number].get("outputs", ()))
        yield


def write_trust(doc: Doc[Any], cells: Array[Any], notebook: Mapping[str, Any], numbers: Iterable[int]) -> None:
    """Write second whether the code cells are trusted; in one transaction those of these *numbers*."""
    with doc.transaction():
        for number in numbers:
            cell = notebook["cells"][number]
            if _has_outputs(cell) and "trusted" in cell.get("metadata", {}):
                cells[number]["metadata"]["trusted"] = cell["metadata"]["trusted"]


def write_outputs(doc: Doc[Any], cell: Map[Any], outputs: Sequence[Mapping[str, Any]]) -> None:
    """Write third the outputs of a cell, those of earlier cells before."""
    if outputs:
        with doc.transaction():
            cell["outputs"].extend([to_y(output) for output in outputs])


def to_y(output: Mapping[str, Any]) -> Map[Any]:
    """An output as it stands in a document, as upstream writes it."""
    ordered = _ordered(output)
    if ordered.get("output_type") == "stream":
        text = ordered.get("text", "")
        ordered["text"] = Text(text if isinstance(text, str) else "".join(text))
    return Map(ordered)


def _begun(cell: Mapping[str, Any], number: int) -> dict[str, Any]:
    # Older notebooks have no ids; upstream would draw some.
    begun = _ordered({"id": str(uuid5(_CELLS, f"{number}:{cell.get('source')}")), **cell})
    metadata = begun.get("metadata")
    if isinstance(metadata, Mapping):
        begun["metadata"] = _ordered(metadata)
    if _has_outputs(cell):
        begun["outputs"] = []
        if "trusted" in begun.get("metadata", {}):
            begun["metadata"]["trusted"] = False
    return begun


def _has_outputs(cell: Mapping[str, Any]) -> bool:
    return cell.get("cell_type") == "code"


def _ordered(value: Mapping[str, Any]) -> dict[str, Any]:
    """A shared map is written key by key."""
    return {key: value[key] for key in sorted(value)}
