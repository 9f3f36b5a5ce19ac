"""Cells that were running when their server died."""

from __future__ import annotations

from ..rooms import Room
from ..writer import ORIGIN, append_text

INTERRUPTED = "\n[The server stopped while this cell was running. What it printed after this is not here.]\n"


def close_interrupted_executions(room: Room) -> None:
    """No kernel runs what the history says is running: the server that watched it is gone, and the cell says so."""
    with room.doc.transaction(origin=ORIGIN):
        for cell in room.cells:
            if cell.get("execution_state") == "running":
                cell["execution_state"] = "idle"
                append_text(cell["outputs"], "stderr", INTERRUPTED)
