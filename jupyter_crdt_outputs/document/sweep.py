"""The safety net: bulk that somebody else put into the document leaves it once the cell is at rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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


@dataclass(eq=False)
class _Resting:
    """Cells of a room that were changed lately.

    Attributes:
        timer: looks at those that have rested long enough.
        room: in which they are.
        until: by cell, when it has.
    """

    timer: asyncio.TimerHandle
    room: Room | None = None
    until: dict[str, float] = field(default_factory=dict)


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
        self._resting: dict[str, _Resting] = {}
        self._is_stopped = False
        self._background = Background(log)

    def outputs_changed(self, room: Room, cell_id: str) -> None:
        """Look at this cell once it has rested for two seconds."""
        self._later(room, cell_id, _REST_S)

    def look_at(self, room: Room) -> None:
        """Look at every cell of a room, as when it is opened."""
        with room.doc.transaction():  # or each look would be one of its own
            ids = [cell.get("id") for cell in room.cells]
        for cell_id in ids:
            if isinstance(cell_id, str):
                self._later(room, cell_id, _REST_S)

    async def stop(self) -> None:
        """Look at nothing any more; what has begun is finished."""
        self._is_stopped = True
        for resting in self._resting.values():
            resting.timer.cancel()
        self._resting.clear()
        await self._background.finished()

    def _later(self, room: Room, cell_id: str, delay_s: float) -> None:
        if self._is_stopped:
            return
        at = asyncio.get_running_loop().time() + delay_s
        resting = self._resting.get(room.room_id)
        if resting is None:
            resting = self._resting[room.room_id] = _Resting(self._timer(room.room_id, at))
        resting.room = room
        resting.until[cell_id] = at

    def _timer(self, room_id: str, at: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_at(at, self._due, room_id)

    def _due(self, room_id: str) -> None:
        resting = self._resting[room_id]
        now = asyncio.get_running_loop().time()
        due = [cell_id for cell_id, at in resting.until.items() if at <= now]
        for cell_id in due:
            del resting.until[cell_id]
        if resting.until:
            resting.timer = self._timer(room_id, min(resting.until.values()))
        else:
            del self._resting[room_id]
        if due and resting.room is not None:
            self._background.start(self._sweep_all(resting.room, due), "cells are not swept")

    async def _sweep_all(self, room: Room, cell_ids: Sequence[str]) -> None:
        """One after another: a notebook may have thousands, and others want the event loop too."""
        for cell_id in cell_ids:
            if not self._is_stopped:
                await self._sweep(room, cell_id)

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
