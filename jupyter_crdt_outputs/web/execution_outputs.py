"""What an execution has put out so far: ``GET api/crdt-outputs/executions/<id>/outputs?after=<revision>&wait_s=``."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

from jupyter_server.utils import url_path_join
from jupyter_ydoc.utils import cast_all

from ..document.rooms import Room
from ..errors import NotFound
from ..kernel.records import Ledger, LiveRecord
from ..model.executions import ExecutionRecord
from ..model.given import number
from ..model.reference import LogReference, reference_in
from ..store.history import History, Query
from ..streams.log import Log
from ..streams.logs import Logs
from .executions import of_history, to_json
from .handler import CrdtOutputsHandler, allowed_to, http_errors
from .visible_history import VisibleHistory

_LONGEST_WAIT_S = 60.0

Open = Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]


def handlers(
    ledger: Ledger, history: History, visible: VisibleHistory, logs: Logs, open_room: Open, base_url: str
) -> list[tuple[str, type[CrdtOutputsHandler], Any]]:
    """The route, as ``add_handlers`` of tornado takes it.

    Args:
        ledger: the executions of this server.
        history: those of former times.
        visible: what users are told of them.
        logs: what long outputs are written to.
        open_room: gives the notebook of a room's id, whether open or not, and how to let it go.
        base_url: what the route is below.
    """
    parts = {"ledger": ledger, "history": history, "visible": visible, "logs": logs, "open_room": open_room}
    return [(url_path_join(base_url, r"api/crdt-outputs/executions/([^/]+)/outputs"), OutputsHandler, parts)]


class _Seen(NamedTuple):
    """What there is to see of an execution, and what that is called.

    Attributes:
        outputs: as the document has them; None when they are gone: the cell was deleted, or has run again.
        revision: differs when anything else does, the execution's state included.
        log: that the last of them is being written to.
    """

    outputs: list[Any] | None
    revision: str
    log: Log | None


class OutputsHandler(CrdtOutputsHandler):
    """The outputs of one execution, as the live document has them: what watchers see, references and all."""

    def initialize(
        self, ledger: Ledger, history: History, visible: VisibleHistory, logs: Logs, open_room: Open
    ) -> None:
        """Take what the route was registered with."""
        self._ledger = ledger
        self._history = history
        self._visible = visible
        self._logs = logs
        self._open_room = open_room
        self._is_newest = True

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, execution_id: str) -> None:
        """Outputs and execution; with ``after``, once they are at another revision, or after ``wait_s``."""
        with http_errors():
            wait_s = number(self.get_query_argument("wait_s", "0"), "wait_s", 0, _LONGEST_WAIT_S)
            live = self._ledger.get(execution_id)
            record = live.record if live is not None else await self._former(execution_id)
            try:
                room, release = await self._open_room(f"json:notebook:{record.file_id}")
            except NotFound:  # the notebook is gone, and what became of its executions is known all the same
                seen = self._see(None, record, live)
            else:
                try:
                    seen = await self._wait(room, record, live, wait_s)
                finally:
                    release()
        answer = {
            "execution": of_history(record) if live is None else to_json(live),
            "outputs": seen.outputs,
            "revision": seen.revision,
            "prompts": 0 if live is None else live.prompts,
        }
        await self.tell(answer)

    async def _former(self, execution_id: str) -> ExecutionRecord:
        record = await self._visible.get(execution_id, self.contents_manager)
        of_cell = Query(file_id=record.file_id, cell=record.cell)
        newest = await asyncio.to_thread(self._history.find, of_cell, 1)
        self._is_newest = all(each.id == record.id for each in newest)
        return record

    async def _wait(self, room: Room, record: ExecutionRecord, live: LiveRecord | None, wait_s: float) -> _Seen:
        after = self.get_query_argument("after", "")
        changed = asyncio.Event()
        stop = room.observe(lambda _events: changed.set())
        try:
            seen = self._see(room, record, live)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    while seen.revision == after and live is not None and not live.is_ended:
                        await self._step(changed, seen.log)
                        seen = self._see(room, record, live)
        finally:
            stop()
        return seen

    async def _step(self, changed: asyncio.Event, log: Log | None) -> None:
        """Wait until the document, an execution or the log changes."""
        waits: list[Coroutine[Any, Any, object]] = [changed.wait(), self._ledger.changed()]
        if log is not None and log.is_live:
            waits.append(log.changed(log.revision, _LONGEST_WAIT_S))
        steps = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(steps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for step in steps:
                step.cancel()
        changed.clear()

    def _see(self, room: Room | None, record: ExecutionRecord, live: LiveRecord | None) -> _Seen:
        cell = None if room is None else room.find_cell(record.cell)
        outputs: list[Any] | None = None
        if live is not None and _is_to_be_shown(live):
            outputs = []  # what the cell shows is another execution's
        elif cell is not None and self._is_newest and not self._has_run_again(record):
            outputs = list(cast_all(cell["outputs"].to_py(), float, int))  # as saved files have numbers
        log = self._log_of(outputs)
        state = None if live is None else [live.record.status, live.record.started_at, live.prompts]
        said = json.dumps([outputs, state, None if log is None else log.revision])
        return _Seen(outputs, hashlib.sha256(said.encode()).hexdigest()[:16], log)

    def _log_of(self, outputs: list[Any] | None) -> Log | None:
        reference = reference_in(outputs[-1]) if outputs and isinstance(outputs[-1], dict) else None
        return self._logs.under_way(reference.log) if isinstance(reference, LogReference) else None

    def _has_run_again(self, record: ExecutionRecord) -> bool:
        return any(
            other.record.id > record.id
            and other.record.cell == record.cell
            and other.record.file_id == record.file_id
            and other.record.source_sha256 is not None
            for other in self._ledger.recent
        )


def _is_to_be_shown(live: LiveRecord) -> bool:
    if live.record.started_at is None:
        return live.record.status not in ("ok", "error")
    return not live.is_ended and live.is_to_be_shown()
