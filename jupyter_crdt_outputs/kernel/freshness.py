"""Which outputs of open notebooks are stale: their cells as they are now, compared with what has run."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..document.rooms import Room
from ..errors import StoreUnavailable
from ..store.history import History, Query
from .records import Ledger, now
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
    """

    cells: list[CellFreshness]
    analysis: Analysis


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

    async def of(self, room: Room) -> NotebookFreshness:
        """How the outputs of an open notebook stand; by what this server knows itself, while the store is away."""
        return await self._ask(room, lambda notebook, seen: NotebookFreshness(notebook.find(seen), seen.analysis))

    async def to_run(self, room: Room, kernel_id: str | None) -> list[str]:
        """The cells to run so that nothing is stale, in order.

        They are those that are stale, and with them those that they read from, if the kernel has not run these: it was
        restarted, or is another one.

        Args:
            room: the notebook.
            kernel_id: of the kernel that is to run them; None for one that is still to be started.
        """
        return await self._ask(room, lambda notebook, seen: notebook.to_run(seen, kernel_id))

    def restarted(self, kernel_id: str) -> None:
        """A kernel has lost all that it knew."""
        self._restarts[kernel_id] = (*self._restarts.pop(kernel_id, ()), now())
        while len(self._restarts) > _MOST_KERNELS:
            self._restarts.popitem(last=False)

    async def _ask(self, room: Room, question: Callable[[Staleness, Snapshot], T]) -> T:
        lock, notebook = self._notebooks.setdefault(room.file_id, (asyncio.Lock(), Staleness()))
        self._notebooks.move_to_end(room.file_id)
        while len(self._notebooks) > _MOST_NOTEBOOKS:
            self._notebooks.popitem(last=False)
        async with lock:
            if time.monotonic() >= notebook.history_at:
                await self._read_history(room.file_id, notebook)
            return await asyncio.to_thread(question, notebook, self._snapshot(room))

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


def _language(room: Room) -> str:
    """As the notebook says."""
    for key, name in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        described: Any = room.metadata.get(key)
        found = described.get(name) if hasattr(described, "get") else None
        if isinstance(found, str) and found:
            return found
    return ""
