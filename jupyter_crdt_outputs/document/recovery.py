"""After a crash: the history of a document may be ahead of its file, and is then what its users last saw.

Upstream lets the file win whenever the two differ, which is right when somebody edited the file, and loses what came
after the last save when nobody did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .rooms import Room
from .writer import ORIGIN, append_text

INTERRUPTED = "\n[The server stopped while this cell was running. What it printed after this is not here.]\n"

_OF_A_RUN = frozenset({"outputs", "execution_count", "metadata"})
_tasks: set[asyncio.Task[None]] = set()


async def is_ahead(room: Room, document: Mapping[str, Any], file: Mapping[str, Any]) -> bool:
    """Whether the document, as its history gave it, has all that is in the file and more.

    That is so when the file is as our last save left it, or when the two differ only in what cells that were running
    have put out, since a crash can come between a save and the note of it.

    Args:
        room: being opened.
        document: its notebook, references and all.
        file: the notebook in the file, offloaded.
    """
    if not len(room.cells):
        return False
    return await room.file_is_as_saved() or _differ_only_in_runs(room, document, file)


def close_interrupted_executions(room: Room) -> None:
    """No kernel runs what the history says is running: the server that watched it is gone, and the cell says so."""
    with room.doc.transaction(origin=ORIGIN):
        for cell in room.cells:
            if cell.get("execution_state") == "running":
                cell["execution_state"] = "idle"
                append_text(cell["outputs"], "stderr", INTERRUPTED)


def save_when_open(room: Room) -> None:
    """Bring the file up to date once the room is open."""

    async def save() -> None:
        await room.opened()
        await asyncio.sleep(0.1)  # upstream does not save while it opens
        await room.save()

    task = asyncio.get_running_loop().create_task(save())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _differ_only_in_runs(room: Room, document: Mapping[str, Any], file: Mapping[str, Any]) -> bool:
    ours, theirs = document.get("cells", []), file.get("cells", [])
    if len(ours) != len(theirs):
        return False
    # The notebook's own metadata is not compared: browsers write the kernel's into it as soon as there is one.
    for cell, one, other in zip(room.cells, ours, theirs, strict=True):
        if cell.get("execution_state") == "running":
            one, other = ({key: value for key, value in each.items() if key not in _OF_A_RUN} for each in (one, other))
        if one != other:
            return False
    return True
