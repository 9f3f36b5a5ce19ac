"""What an execution has put out so far: ``GET api/crdt-outputs/executions/<id>/outputs?after=<revision>&wait_s=``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.utils import url_path_join

from ..document.rooms import Room
from ..errors import NotFound
from ..kernel.records import Ledger
from ..model.given import number
from ..store.history import History, Query
from ..streams.logs import Logs
from .executions import of_history, to_json
from .handler import CrdtOutputsHandler, allowed_to, http_errors
from .shown_execution import ShownExecution
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

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, execution_id: str) -> None:
        """Outputs and execution; with ``after``, once they are at another revision, or after ``wait_s``."""
        with http_errors():
            wait_s = number(self.get_query_argument("wait_s", "0"), "wait_s", 0, _LONGEST_WAIT_S)
            shown = await self._shown(execution_id)
            record, live = shown.record, shown.live
            try:
                room, release = await self._open_room(f"json:notebook:{record.file_id}")
            except NotFound:  # the notebook is gone, and what became of its executions is known all the same
                seen = shown.see(None)
            else:
                try:
                    seen = await shown.wait(room, self.get_query_argument("after", ""), wait_s)
                finally:
                    release()
        answer = {
            "execution": of_history(record) if live is None else to_json(live),
            "outputs": seen.outputs,
            "revision": seen.revision,
            "prompts": 0 if live is None else live.prompts,
        }
        await self.tell(answer)

    async def _shown(self, execution_id: str) -> ShownExecution:
        live = self._ledger.get(execution_id)
        if live is not None:
            return ShownExecution(self._ledger, self._logs, live.record, live, True)
        record = await self._visible.get(execution_id, self.contents_manager)
        of_cell = Query(file_id=record.file_id, cell=record.cell)
        newest = await asyncio.to_thread(self._history.find, of_cell, 1)
        is_newest = all(each.id == record.id for each in newest)
        return ShownExecution(self._ledger, self._logs, record, None, is_newest)
