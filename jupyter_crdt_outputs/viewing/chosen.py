"""Which cells of a notebook were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound
from ..model.views import ViewRequest


@dataclass(frozen=True, slots=True)
class FoundCells:
    """Some cells of a notebook at one moment.

    Attributes:
        metadata: the notebook's.
        cells_in_all: how many it has.
        cells: index and cell, with outputs in the form of the document or of the file.
        room_id: of the open document; None when the file was read.
    """

    metadata: Mapping[str, Any]
    cells_in_all: int
    cells: list[tuple[int, Any]]
    room_id: str | None = None


def choose(request: ViewRequest, ids: Sequence[str]) -> Sequence[int]:
    """The indices of the cells that are asked for, among cells of these ids. Raises NotFound."""
    if request.cell is not None:
        if request.cell and request.cell in ids:
            return [ids.index(request.cell)]
        name, _, index = request.cell.partition("#")
        if not name and index.isascii() and index.isdigit() and int(index) < len(ids):
            return [int(index)]
        raise NotFound(f"there is no cell {request.cell!r:.80}")
    if request.index is not None:
        if not -len(ids) <= request.index < len(ids):
            raise NotFound(f"there is no cell {request.index}: the notebook has {len(ids)}")
        return [request.index % len(ids)]
    return range(len(ids))[request.start : request.stop]
