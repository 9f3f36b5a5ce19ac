"""The shared notebook as a tab sees and edits it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from jupyter_ydoc import YNotebook
from pycrdt import Array, Doc, Map, Text

from .room import Room


class SharedNotebook:
    """Reads and edits the document of a room in JupyterLab's terms.

    Attributes:
        room: the shared document and its connection.
        deleted_cells: ids of the cells deleted here that the kernel has not been told of.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self.deleted_cells: list[str] = []
        self._changed = asyncio.Event()
        room.changed.append(self._changed.set)
        self._subscription = room.ycells.observe_deep(self._on_cell_events)

    def notebook(self) -> dict[str, Any]:
        """The notebook as this tab has it, in nbformat; ``execution_state`` left out."""
        fork: Doc[Any] = Doc()
        fork.apply_update(self.room.doc.get_update())
        content: dict[str, Any] = YNotebook(fork).get()
        return content

    def doc_bytes(self) -> int:
        """The size of the document as one update, in bytes: what a client that joins now must load."""
        return len(self.room.doc.get_update())

    def cell_ids(self) -> list[str]:
        """The ids of the cells, in order."""
        return [cell["id"] for cell in self.room.cells()]

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of the cell at *index*."""
        outputs: list[dict[str, Any]] = self.room.cells()[index]["outputs"].to_py()
        return outputs

    def states(self) -> list[tuple[str | None, int | None]]:
        """``(execution_state, execution_count)`` of each cell; of cells that hold no code, (None, None)."""
        return [
            (cell.get("execution_state"), None if (count := cell.get("execution_count")) is None else int(count))
            for cell in self.room.cells()
        ]

    async def wait_until(self, condition: Callable[[], bool], *, timeout_s: float = 30.0) -> None:
        """Return once *condition* holds; it is asked after each change of the document. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def settle(self, *, quiet_s: float = 0.4) -> None:
        """Return once the document has not changed for *quiet_s*."""
        quiet = False
        while not quiet:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), quiet_s)
            except TimeoutError:
                quiet = True

    def set_metadata(self, key: str, value: object) -> None:
        """Write one key of the notebook's metadata, if it changes."""
        metadata: Map[Any] = self.room.doc.get("meta", type=Map)["metadata"]
        if metadata.get(key) != value:
            with self.room.edit():
                metadata[key] = value

    def set_source(self, cell_id: str, source: str) -> None:
        """Replace what is typed into a cell."""
        text: Text = self.cell(cell_id)["source"]
        with self.room.edit():
            text.clear()
            text += source

    def insert_cell(self, index: int, source: str, *, metadata: dict[str, Any] | None = None) -> str:
        """Insert a code cell and return its id."""
        cell_id = str(uuid.uuid4())
        cell: Map[Any] = Map(
            {
                "id": cell_id,
                "cell_type": "code",
                "source": Text(source),
                "metadata": Map(metadata or {}),
                "outputs": Array(),
                "execution_count": None,
            }
        )
        with self.room.edit():
            self.room.ycells.insert(index, cell)
        return cell_id

    def delete_cell(self, cell_id: str) -> None:
        """Delete a cell."""
        index = self.cell_ids().index(cell_id)
        self.deleted_cells.append(cell_id)
        with self.room.edit():
            del self.room.ycells[index]

    def move_cell(self, cell_id: str, index: int) -> None:
        """Move a cell to *index*, as JupyterLab does: a copy is inserted and the original deleted."""
        source = self.cell_ids().index(cell_id)
        cell = self.room.ycells[source].to_py()
        outputs = [
            Map({**output, "text": Text(output["text"])} if output["output_type"] == "stream" else output)
            for output in cell["outputs"]
        ]
        copy = {**cell, "source": Text(cell["source"]), "metadata": Map(cell["metadata"]), "outputs": Array(outputs)}
        with self.room.edit():
            del self.room.ycells[source]
            self.room.ycells.insert(index, Map(copy))

    def set_count(self, cell: Map[Any], count: int | None) -> None:
        """Write a cell's execution count, if it changes."""
        if cell.get("execution_count") != count:
            with self.room.edit():
                cell["execution_count"] = count

    @staticmethod
    def set_state(cell: Map[Any], state: str) -> None:
        """Write a cell's execution state, if it changes; that alone makes no document dirty."""
        if cell.get("execution_state", "idle") != state:
            cell["execution_state"] = state

    def _on_cell_events(self, events: list[Any]) -> None:
        """Every tab answers a new execution count by marking the cell idle, the tab that runs it included."""
        for event in events:
            keys = getattr(event, "keys", {})
            if keys.get("execution_count", {}).get("newValue") is not None:
                # A shared type must not be written to while its observers run.
                asyncio.get_running_loop().call_soon(self._mark_idle, event.target["id"])

    def _mark_idle(self, cell_id: str) -> None:
        cell = self.room.cell(cell_id)
        if cell is not None and not self.room.wire.closed.is_set():
            self.set_state(cell, "idle")

    def cell(self, cell_id: str) -> Map[Any]:
        """The cell of this id. Raises LookupError when it is gone."""
        cell = self.room.cell(cell_id)
        if cell is None:
            raise LookupError(f"the notebook has no cell {cell_id}")
        return cell
