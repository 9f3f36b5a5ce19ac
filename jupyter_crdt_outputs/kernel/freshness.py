"""Which outputs of open notebooks are stale: their cells as they are now, compared with what has run."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..document.rooms import Room
from ..errors import StoreUnavailable
from ..store.history import History, Query
from .records import Ledger, now
from .shown_runs import KeptDigests
from .staleness import Analysis, CellFreshness, Snapshot, Staleness

T = TypeVar("T")

_MOST_NOTEBOOKS = 100
_MOST_KERNELS = 1_000
_MOST_RECORDS = 5_000
_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class NotebookFreshness:
    """A notebook.

    Attributes:
        cells: those that hold code, in order.
        analysis: how it was found out: by the names that cells set and read, or by their order alone.
        needs: by cell, in order, those that it reads from and that the kernel has not run that was asked about; None
            when none was.
    """

    cells: list[CellFreshness]
    analysis: Analysis
    needs: Mapping[str, Sequence[str]] | None = None


class Freshness:
    """Tells what is stale. The history of a notebook is read once; after that, only what is new is looked at.

    Args:
        ledger: the executions of this server.
        history: those of former times.
    """

    def __init__(self, ledger: Ledger, history: History) -> None:
        self._ledger = ledger
        self._history = history
        self._notebooks: OrderedDict[str, tuple[asyncio.Lock, Staleness]] = OrderedDict()
        self._restarts: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    async def of(self, room: Room, kernel_id: str | None = None) -> NotebookFreshness:
        """How the outputs of an open notebook stand; by what this server knows itself, while the store is away.

        Args:
            room: the notebook.
            kernel_id: of the kernel that cells are to be run on, to be told what they need; empty for one that is still
                to be started, None when nobody wants to know.
        """

        def find(notebook: Staleness, seen: Snapshot) -> NotebookFreshness:
            needs = None if kernel_id is None else notebook.needs(seen, kernel_id)
            return NotebookFreshness(notebook.find(seen), seen.analysis, needs)

        return await self._ask(room, find)

    async def to_run(self, room: Room, kernel_id: str) -> list[str]:
        """The cells to run so that nothing is stale, in order.

        They are those that are stale, and with them those that they read from, if the kernel has not run these: it was
        restarted, or is another one.

        Args:
            room: the notebook.
            kernel_id: of the kernel that is to run them; empty for one that is still to be started.
        """
        return await self._ask(room, lambda notebook, seen: notebook.to_run(seen, kernel_id))

    def restarted(self, kernel_id: str) -> None:
        """A kernel has lost all that it knew."""
        self._restarts[kernel_id] = (*self._restarts.pop(kernel_id, ()), now())
        while len(self._restarts) > _MOST_KERNELS:
            self._restarts.popitem(last=False)

    async def _ask(self, room: Room, question: Callable[[Staleness, Snapshot], T]) -> T:
        if room.file_id not in self._notebooks:
            notebook = Staleness(KeptDigests(self._history, room.file_id))
            self._notebooks[room.file_id] = asyncio.Lock(), notebook
        lock, notebook = self._notebooks[room.file_id]
        self._notebooks.move_to_end(room.file_id)
        while len(self._notebooks) > _MOST_NOTEBOOKS:
            self._notebooks.popitem(last=False)
        async with lock:
            if time.monotonic() >= notebook.history_at:
                await self._read_history(room.file_id, notebook)
            seen = self._snapshot(room)
            in_doubt = await asyncio.to_thread(notebook.in_doubt, seen)
            return await asyncio.to_thread(question, notebook, replace(seen, outputs=_outputs(room, in_doubt)))

    async def _read_history(self, file_id: str, notebook: Staleness) -> None:
        try:
            found = await asyncio.to_thread(self._history.find, Query(file_id=file_id), _MOST_RECORDS)
        except StoreUnavailable:  # what this server has run is known all the same
            notebook.history_at = time.monotonic() + _RETRY_S
        else:
            notebook.begin(found, dict(self._restarts))
            notebook.history_at = math.inf

    def _snapshot(self, room: Room) -> Snapshot:
        cells = {str(cell["id"]): cell for cell in room.cells if cell.get("cell_type") == "code"}
        sources = {cell_id: str(cell["source"]) for cell_id, cell in cells.items()}
        counts = {cell_id: cell.get("execution_count") for cell_id, cell in cells.items()}
        records = [live.record for live in self._ledger.recent if live.record.file_id == room.file_id]
        return Snapshot(sources, records, _language(room), dict(self._restarts), counts)


def _outputs(room: Room, cells: Sequence[str]) -> dict[str, list[Any]]:
    found = {cell_id: room.find_cell(cell_id) for cell_id in cells}
    return {cell_id: cell["outputs"].to_py() or [] for cell_id, cell in found.items() if cell is not None}


def _language(room: Room) -> str:
    """As the notebook says."""
    for key, name in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        described: Any = room.metadata.get(key)
        found = described.get(name) if hasattr(described, "get") else None
        if isinstance(found, str) and found:
            return found
    return ""
