"""What there is to see of an execution in the live document."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from jupyter_ydoc.utils import cast_all

from ..document.rooms import Room
from ..kernel.records import Ledger, LiveRecord
from ..model.executions import ExecutionRecord
from ..model.reference import LogReference, reference_in
from ..streams.log import Log
from ..streams.logs import Logs

_LONGEST_LOG_WAIT_S = 60.0


class Seen(NamedTuple):
    """What is there at one moment, and what that is called.

    Attributes:
        outputs: as the document has them; None when they are gone: the cell was deleted, or has run again.
        revision: differs when anything else does, the execution's state included.
        log: that the last of them is being written to.
    """

    outputs: list[Any] | None
    revision: str
    log: Log | None


@dataclass(frozen=True, slots=True)
class ShownExecution:
    """An execution that somebody watches.

    Attributes:
        ledger: the executions of this server.
        logs: what long outputs are written to.
        record: the execution.
        live: the same, if it goes on or ended not long ago.
        is_newest: whether the history has no later one of its cell.
    """

    ledger: Ledger
    logs: Logs
    record: ExecutionRecord
    live: LiveRecord | None
    is_newest: bool

    def see(self, room: Room | None) -> Seen:
        """What is there now, in the notebook or without it."""
        live = self.live
        cell = None if room is None else room.find_cell(self.record.cell)
        outputs: list[Any] | None = None
        if live is not None and _is_to_be_shown(live):
            outputs = []  # what the cell shows is another execution's
        elif cell is not None and self.is_newest and not self._has_run_again():
            outputs = list(cast_all(cell["outputs"].to_py(), float, int))  # as saved files have numbers
        log = self._log_of(outputs)
        state = None if live is None else [live.record.status, live.record.started_at, live.prompts]
        said = json.dumps([outputs, state, None if log is None else log.revision])
        return Seen(outputs, hashlib.sha256(said.encode()).hexdigest()[:16], log)

    async def wait(self, room: Room, after: str, wait_s: float) -> Seen:
        """What is there once it is at another revision than *after*, or the execution or so much time is over."""
        changed = asyncio.Event()
        stop = room.observe(lambda _events: changed.set())
        try:
            seen = self.see(room)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    while seen.revision == after and self.live is not None and not self.live.is_ended:
                        await self._step(changed, seen.log)
                        seen = self.see(room)
        finally:
            stop()
        return seen

    async def _step(self, changed: asyncio.Event, log: Log | None) -> None:
        """Wait until the document, an execution or the log changes."""
        waits: list[Coroutine[Any, Any, object]] = [changed.wait(), self.ledger.changed()]
        if log is not None and log.is_live:
            waits.append(log.changed(log.revision, _LONGEST_LOG_WAIT_S))
        steps = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for step in steps:
                step.cancel()
        changed.clear()

    def _log_of(self, outputs: list[Any] | None) -> Log | None:
        reference = reference_in(outputs[-1]) if outputs and isinstance(outputs[-1], dict) else None
        return self.logs.under_way(reference.log) if isinstance(reference, LogReference) else None

    def _has_run_again(self) -> bool:
        return any(
            other.record.id > self.record.id
            and other.record.cell == self.record.cell
            and other.record.file_id == self.record.file_id
            and other.record.source_sha256 is not None
            for other in self.ledger.recent
        )


def _is_to_be_shown(live: LiveRecord) -> bool:
    if live.record.started_at is None:
        return live.record.status not in ("ok", "error")
    return not live.is_ended and live.is_to_be_shown()
