"""The safety net: bulk that somebody else put into the document leaves it once the cell is at rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from ..errors import StoreFull, StoreUnavailable
from ..store.archive import Archive
from ..streams.logs import Logs
from .background import Background
from .rooms import Room
from .writer import replace_outputs

_REST_S = 2.0
_RETRY_S = 30.0
_SHORT = 64
"""Characters, which are fewer bytes than the least limit of a document."""


class Sweeper:
    """Swaps bulk for references in cells whose outputs changed and then rested: pasted ones, an older front end's.

    Args:
        archive: where bulk goes.
        logs: where long streams went.
        written: gives a cell's outputs if these are known without reading the document.
        swept: called with the room when bulk left its document.
        store_failed: called with the error; the bulk stays until the store takes it.
        log: for what should not happen.
    """

    def __init__(
        self,
        archive: Archive,
        logs: Logs,
        written: Callable[[Room, str], list[dict[str, Any]] | None],
        swept: Callable[[Room], None],
        store_failed: Callable[[Exception], None],
        log: logging.Logger,
    ) -> None:
        self._archive = archive
        self._logs = logs
        self._written = written
        self._swept = swept
        self._store_failed = store_failed
        self._log = log
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._background = Background(log)

    def outputs_changed(self, room: Room, cell_id: str) -> None:
        """Look at this cell once it has rested for two seconds."""
        self._later(room, cell_id, _REST_S)

    def look_at(self, room: Room) -> None:
        """Look at every cell of a room, as when it is opened."""
        for cell in room.cells:
            cell_id = cell.get("id")
            if isinstance(cell_id, str) and room.find_cell(cell_id) is not None:
                self._later(room, cell_id, _REST_S)

    async def stop(self) -> None:
        """Look at nothing any more; what has begun is finished."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await self._background.finished()

    def _later(self, room: Room, cell_id: str, delay_s: float) -> None:
        key = (room.room_id, cell_id)
        if key in self._timers:
            self._timers[key].cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(delay_s, self._due, room, cell_id)

    def _due(self, room: Room, cell_id: str) -> None:
        del self._timers[room.room_id, cell_id]
        self._background.start(self._sweep(room, cell_id), "a cell is not swept")

    async def _sweep(self, room: Room, cell_id: str) -> None:
        cell = room.find_cell(cell_id)
        if cell is None:
            return
        if cell.get("execution_state") == "running" or room.is_loading:
            self._later(room, cell_id, _REST_S)
            return
        known = self._written(room, cell_id)
        if known is not None and all(map(_is_short_text, known)):
            return  # as most are, and a look in a thread would be dearer than they
        try:
            if known is not None and await asyncio.to_thread(self._all_at_rest, known) == known:
                return
            before: list[Any] = cell["outputs"].to_py() or []
            after = await asyncio.to_thread(self._all_at_rest, before)
        except (StoreFull, StoreUnavailable) as error:
            self._store_failed(error)
            self._later(room, cell_id, _RETRY_S)
            return
        if after == before:
            return
        cell = room.find_cell(cell_id)
        if cell is None or room.is_loading or cell["outputs"].to_py() != before:
            return  # changed meanwhile, which has set another timer
        self._log.info("moved the bulk of a cell's outputs to the artifact store (%s)", room.path)
        replace_outputs(room.doc, cell["outputs"], before, after)
        self._swept(room)

    def _all_at_rest(self, outputs: list[Any]) -> list[Any]:
        return [self._archive.offload_output(self._logs.finished(output)) for output in outputs]


def _is_short_text(output: dict[str, Any]) -> bool:
    """Whether an output is certain to stay as it is: a short stream, or a short text of one form."""
    data = output.get("data")
    text = output.get("text") if data is None else data.get("text/plain") if len(data) == 1 else None
    return isinstance(text, str) and len(text) <= _SHORT
