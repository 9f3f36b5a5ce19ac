"""Putting the outputs of a former run back into a cell, for everybody who has the notebook open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_ydoc.utils import cast_all
from pycrdt import Map

from ..errors import NotFound, NotNow
from .rooms import Room
from .writer import ORIGIN, replace_outputs


@dataclass(frozen=True, slots=True)
class Replaced:
    """What stood in the cell before.

    Attributes:
        outputs: in the document's form.
        execution_count: as the cell had it.
    """

    outputs: list[Any]
    execution_count: int | None


def put_back(
    room: Room,
    cell_id: str,
    outputs: Sequence[Mapping[str, Any]],
    execution_count: int | None,
    timing: Mapping[str, str],
) -> Replaced:
    """Put these in the place of a cell's outputs, in one transaction, and return what was there.

    No client's undo touches it, as none touches what a kernel puts out. The times of the run before become *timing*.

    Args:
        room: the notebook; its document is to be open, and nothing being read into it.
        cell_id: the cell.
        outputs: in the document's form; their artifacts are in the store (invariant I1).
        execution_count: of that run.
        timing: when its parts were, as JupyterLab writes that down; used only where the cell has such times.

    Raises:
        NotFound: there is no such code cell.
        NotNow: it runs, or is about to.
    """
    cell = room.find_cell(cell_id)
    if cell is None:
        raise NotFound(f"there is no code cell {cell_id!r:.80} in the notebook any more")
    if room.is_loading or cell.get("execution_state", "idle") != "idle":
        raise NotNow("the cell runs; its outputs can be put back when it has ended")
    before = cell["outputs"].to_py() or []
    count = cell.get("execution_count")
    with room.doc.transaction(origin=ORIGIN):
        replace_outputs(room.doc, cell["outputs"], before, list(outputs))
        # Each client answers a count that comes alone by writing the state itself.
        cell["execution_count"] = None if execution_count is None else float(execution_count)
        cell["execution_state"] = "idle"
        _set_times(cell["metadata"], timing)
    return Replaced(list(cast_all(before, float, int)), None if count is None else int(count))


def _set_times(metadata: Map[Any], timing: Mapping[str, str]) -> None:
    if "execution" in metadata:
        if timing:
            metadata["execution"] = dict(timing)
        else:
            del metadata["execution"]
