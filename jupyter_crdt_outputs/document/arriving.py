"""What comes from a file into a document in which people may be at work: it is written to cells as they are by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .rooms import Room
from .sources import to_y
from .writer import ORIGIN


def trust(room: Room, cell_ids: Iterable[str]) -> None:
    """Mark cells as trusted; those that are gone are passed over."""
    with room.doc.transaction(origin=ORIGIN):
        for cell_id in cell_ids:
            cell = room.find_cell(cell_id)
            if cell is not None and cell["metadata"].get("trusted") is not True:
                cell["metadata"]["trusted"] = True


def bring_in(
    room: Room,
    cell_id: str,
    outputs: Sequence[Mapping[str, Any]],
    write: Callable[[], object],
    *,
    is_wanted: bool,
) -> None:
    """Have *write* put outputs into the document, in one transaction, and see that they are where they are wanted.

    They arrive in the cell as it was at first. Where people have moved it, that is another cell, which is gone.
    """
    cell = room.find_cell(cell_id)
    before = 0 if cell is None else len(cell["outputs"])
    with room.doc.transaction(origin=ORIGIN):
        write()
        cell = room.find_cell(cell_id)
        if cell is None:
            return
        arrived = len(cell["outputs"]) - before
        if not is_wanted:
            del cell["outputs"][:arrived]  # they stand first: no other author's number is as low
        elif not len(cell["outputs"]):
            cell["outputs"].extend([to_y(output) for output in outputs])
