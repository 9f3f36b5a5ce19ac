"""A document that a server was still filling from its file when it died."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from pycrdt import Doc

from ..arriving import bring_in, trust
from ..rooms import Room
from ..sources import AUTHOR, write_outputs


async def complete(room: Room, notebook_class: type[Any] | None, file: Mapping[str, Any]) -> None:
    """Bring in what of the file a server that died did not, and nothing else: what people did meanwhile stands.

    Made as it was before, the beginning of the document is the same, and so what is there already stays.

    Args:
        room: being opened; its history ends somewhere while it was filled.
        notebook_class: of its document; None where that did not begin with this file, but took over its cells.
        file: the notebook in the file, offloaded.
    """
    source = None if notebook_class is None else notebook_class(Doc(client_id=AUTHOR))
    if source is not None:
        await source.aset(
            {**file, "cells": [{**cell, "outputs": []} if "outputs" in cell else cell for cell in file["cells"]]}
        )
        room.doc.apply_update(source.ydoc.get_update())
    for number, cell in enumerate(file["cells"]):
        if cell.get("cell_type") != "code":
            continue
        cell_id, outputs = str((cell if source is None else source.ycells[number])["id"]), cell.get("outputs", [])
        present = room.find_cell(cell_id)

        def write(number: int = number, outputs: list[Any] = outputs) -> None:
            if source is not None:
                before = source.ydoc.get_state()
                write_outputs(source.ydoc, source.ycells[number], outputs)
                room.doc.apply_update(source.ydoc.get_update(before))

        bring_in(room, cell_id, outputs, write, is_wanted=present is not None and not _is_run(present, cell))
        await asyncio.sleep(0)
    if source is None:
        trust(room, [cell["id"] for cell in file["cells"] if cell["metadata"].get("trusted")])


def _is_run(present: Any, cell: Mapping[str, Any]) -> bool:
    """Whether somebody has run a cell since it was read from the file, or changed its outputs."""
    count = present.get("execution_count")
    return (
        present.get("execution_state") == "running"
        or (None if count is None else int(count)) != cell.get("execution_count")
        or len(present["outputs"]) > 0
    )
