"""Whether the history of a document has more than its file, and is what its users last saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rooms import Room

_OF_A_RUN = frozenset({"outputs", "execution_count", "metadata"})


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
