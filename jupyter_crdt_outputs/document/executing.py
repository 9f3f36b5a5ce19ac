"""What a browser that runs cells writes to the document, for executions that no browser has asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pycrdt import Map, Text

from .cells.making import new_cell
from .rooms import Room
from .writer import ORIGIN


def schedule(room: Room, cell_ids: Iterable[str]) -> None:
    """Let everybody see that these cells are going to run. Their outputs stay until they do."""
    wanted = list(cell_ids)
    if not wanted:
        return
    with room.doc.transaction(origin=ORIGIN):
        for cell_id in wanted:
            cell = room.find_cell(cell_id)
            if cell is not None:
                if not len(cell["outputs"]):
                    clear_cell(cell, "running")
                elif cell.get("execution_state") != "running":
                    cell["execution_state"] = "running"


def unschedule(room: Room, cell_ids: Iterable[str]) -> None:
    """These cells will not run after all."""
    with room.doc.transaction(origin=ORIGIN):
        for cell_id in cell_ids:
            cell = room.find_cell(cell_id)
            if cell is not None and cell.get("execution_state", "idle") != "idle":
                cell["execution_state"] = "idle"


def clear(room: Room, cell_id: str, state: str, *, is_run: bool = True) -> None:
    """Take away what an earlier execution left, as JupyterLab's ``clearExecution`` does, and set the state.

    Args:
        room: the notebook.
        cell_id: of the cell.
        state: that it is in from then on.
        is_run: whether it was sent to a kernel, or would have been: then its outputs are hidden no longer.
    """
    cell = room.find_cell(cell_id)
    if cell is not None:
        with room.doc.transaction(origin=ORIGIN):
            clear_cell(cell, state, is_run=is_run)


def set_timing(room: Room, cell_id: str, timing: Mapping[str, str]) -> None:
    """Write down when the parts of an execution were."""
    cell = room.find_cell(cell_id)
    if cell is not None and timing:
        with room.doc.transaction(origin=ORIGIN):
            _metadata(cell)["execution"] = dict(timing)


def set_next_input(room: Room, cell_id: str, text: str, *, replace: bool) -> None:
    """Do what a kernel's ``set_next_input`` asks for: replace the cell's source, or add a cell below, untrusted."""
    with room.doc.transaction(origin=ORIGIN):
        cell = room.find_cell(cell_id)
        if replace:
            if cell is not None:
                source: Text = cell["source"]
                source.clear()
                source += text
            return
        ids = [each.get("id") for each in room.cells]
        index = ids.index(cell_id) + 1 if cell_id in ids else len(ids)
        room.cells.insert(index, new_cell("code", text, trusted=False))


def describe_kernel(room: Room, kernelspec: Mapping[str, Any], language_info: Mapping[str, Any]) -> None:
    """Write into the notebook which kernel runs it, as JupyterLab does when it connects to one."""
    wanted = {"kernelspec": dict(kernelspec), "language_info": dict(language_info)}
    changed = {key: value for key, value in wanted.items() if value and room.metadata.get(key) != value}
    if changed:
        with room.doc.transaction(origin=ORIGIN):
            for key, value in changed.items():
                room.metadata[key] = value


def clear_cell(cell: Map[Any], state: str, *, is_run: bool = True) -> None:
    """The same for a cell that was found, within a transaction."""
    if len(cell["outputs"]):
        del cell["outputs"][0:]
    if cell.get("execution_count") is not None:
        cell["execution_count"] = None
    if cell.get("execution_state") != state:
        cell["execution_state"] = state
    metadata = _metadata(cell)
    if "execution" in metadata:
        del metadata["execution"]
    if metadata.get("trusted") is not True:
        metadata["trusted"] = True
    if is_run:
        _unhide(metadata)


def _unhide(metadata: Map[Any]) -> None:
    """Show the outputs, as ``CodeCell.execute`` does: both keys say whether they are hidden."""
    if "collapsed" in metadata:
        del metadata["collapsed"]
    own = metadata.get("jupyter")
    if isinstance(own, Mapping) and "outputs_hidden" in own:
        rest = {name: value for name, value in own.items() if name != "outputs_hidden"}
        if rest:
            metadata["jupyter"] = rest
        else:
            del metadata["jupyter"]


def _metadata(cell: Map[Any]) -> Map[Any]:
    metadata: Map[Any] = cell["metadata"]
    return metadata
