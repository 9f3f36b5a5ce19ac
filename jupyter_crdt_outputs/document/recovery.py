"""After a crash: the history of a document may be ahead of its file, and is then what its users last saw.

Upstream lets the file win whenever the two differ, which is right when somebody edited the file, and loses what came
after the last save when nobody did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from pycrdt import Doc

from ..errors import StoreFull, StoreUnavailable
from .arriving import bring_in, trust
from .background import Background
from .rooms import Room
from .sources import AUTHOR, write_outputs
from .writer import ORIGIN, append_text, replace_outputs

INTERRUPTED = "\n[The server stopped while this cell was running. What it printed after this is not here.]\n"

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


async def complete(
    room: Room, notebook_class: type[Any] | None, file: Mapping[str, Any], background: Background
) -> None:
    """Bring in what of the file a server that died did not, and nothing else: what people did meanwhile stands.

    Made as it was before, the beginning of the document is the same, and so what is there already stays.

    Args:
        room: being opened; its history ends somewhere while it was filled.
        notebook_class: of its document; None where that did not begin with this file, but took over its cells.
        file: the notebook in the file, offloaded.
        background: saves it afterwards.
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
    close_interrupted_executions(room)
    save_when_open(room, background)


def _is_run(present: Any, cell: Mapping[str, Any]) -> bool:
    """Whether somebody has run a cell since it was read from the file, or changed its outputs."""
    count = present.get("execution_count")
    return (
        present.get("execution_state") == "running"
        or (None if count is None else int(count)) != cell.get("execution_count")
        or len(present["outputs"]) > 0
    )


async def move_bulk(room: Room, at_rest: Callable[[list[Any]], list[Any]], background: Background) -> None:
    """Take out what the history has in full, from before this package was here, before browsers get all of it.

    Args:
        room: being opened, so that nobody else changes it.
        at_rest: gives a cell's outputs as they belong in the document. Blocks; may raise StoreFull or StoreUnavailable,
            and then the rest stays as it is, to be swept later.
        background: compacts the history afterwards.
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
    if is_changed:
        background.start(_compact_when_open(room), "history not compacted")


async def _compact_when_open(room: Room) -> None:
    await room.opened()
    await room.history.compact()


def close_interrupted_executions(room: Room) -> None:
    """No kernel runs what the history says is running: the server that watched it is gone, and the cell says so."""
    with room.doc.transaction(origin=ORIGIN):
        for cell in room.cells:
            if cell.get("execution_state") == "running":
                cell["execution_state"] = "idle"
                append_text(cell["outputs"], "stderr", INTERRUPTED)


def close_when_open(room: Room, background: Background) -> None:
    """Close them once the room is open, before anybody runs anything in it.

    When the file has all that the history has, nobody asks which of them is ahead.
    """

    async def close() -> None:
        await room.opened()
        if any(cell.get("execution_state") == "running" for cell in room.cells):
            close_interrupted_executions(room)
            save_when_open(room, background)

    background.start(close(), "interrupted executions not closed")


def save_when_open(room: Room, background: Background) -> None:
    """Bring the file up to date once the room is open."""

    async def save() -> None:
        await room.opened()
        await asyncio.sleep(0.1)  # upstream does not save while it opens
        await room.save()

    background.start(save(), "a notebook is not saved after it was opened")


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
