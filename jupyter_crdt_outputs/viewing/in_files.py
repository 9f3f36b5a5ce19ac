"""Cells of a notebook's file, whose size is no limit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import reader

from ..errors import NotANotebook, NotFound
from ..files import CannotCut, FileChanged, NotebookReading
from ..model.views import ViewRequest
from .chosen import FoundCells, choose
from .given import id_of

_SMALL_BYTES = 1 << 18
"""A file of this size is read as a whole as fast as in steps."""
_TRIES = 3


def in_file(path: Path, request: ViewRequest, with_outputs: bool) -> FoundCells:
    """Those cells of a file that are asked for. Blocks. Raises NotFound and NotANotebook."""
    if path.stat().st_size >= _SMALL_BYTES:
        for _ in range(_TRIES):
            try:
                return _in_large_file(path, request, with_outputs)
            except FileChanged:
                continue
            except (CannotCut, ValueError):
                break
    try:
        # Without validation, which would give ids to cells without any, and others each time.
        notebook: Any = reader.reads(path.read_text(encoding="utf-8"))
        if notebook["nbformat"] != 4:
            notebook = nbformat.convert(notebook, 4)
    except (OSError, NotFound):
        raise
    except Exception as error:  # of whatever kind: nbformat promises none
        raise NotANotebook(f"{path.name} is no notebook: {error!s:.200}") from error
    return in_notebook(notebook, request)


def _in_large_file(path: Path, request: ViewRequest, with_outputs: bool) -> FoundCells:
    reading = NotebookReading(path)
    try:
        cells = reading.notebook["cells"]
        chosen = choose(request, list(map(id_of, cells)))
        wanted = set(chosen) if with_outputs else set()
        outputs: dict[int, list[Any]] = {}
        for output in reading.outputs(wanted):
            outputs.setdefault(output.cell, []).append(output.text.output())
        found = [(index, {**cells[index], "outputs": outputs.get(index, [])}) for index in chosen]
        return FoundCells(reading.notebook["metadata"], len(cells), found)
    finally:
        reading.close()


def in_notebook(notebook: Any, request: ViewRequest) -> FoundCells:
    """The same of a notebook in memory, which may be anything. Raises NotFound."""
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    cells = cells if isinstance(cells, list) else []
    metadata = notebook.get("metadata") if isinstance(notebook, Mapping) else None
    chosen = choose(request, list(map(id_of, cells)))
    found = [(index, cells[index]) for index in chosen]
    return FoundCells(metadata if isinstance(metadata, Mapping) else {}, len(cells), found)
