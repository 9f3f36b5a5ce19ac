"""What a history has in full, since this package was not there when it was written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...errors import StoreFull, StoreUnavailable
from ..rooms import Room
from ..writer import replace_outputs


async def move_bulk(room: Room, at_rest: Callable[[list[Any]], list[Any]]) -> bool:
    """Take that out before browsers get all of it; tells whether there was any.

    Args:
        room: being opened, so that nobody else changes it.
        at_rest: gives a cell's outputs as they belong in the document. Blocks; may raise StoreFull or StoreUnavailable,
            and then the rest stays as it is, to be swept later.
    """
    is_changed = False
    for cell in room.cells:
        code_cell = room.find_cell(str(cell.get("id")))
        if code_cell is None:
            continue
        before: list[Any] = code_cell["outputs"].to_py() or []
        try:
            after = await asyncio.to_thread(at_rest, before)
        except (StoreFull, StoreUnavailable):
            break
        if after != before:
            replace_outputs(room.doc, code_cell["outputs"], before, after)
            is_changed = True
    return is_changed
