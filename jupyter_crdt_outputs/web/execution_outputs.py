"""What an execution has put out so far: ``GET api/crdt-outputs/executions/<id>/outputs?after=<revision>&wait_s=``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import url_path_join

from ..document.rooms import Room
from ..errors import NotFound
from ..kernel.records import Ledger
from ..model.given import number
from ..store.history import Query
from ..streams.logs import Logs
from .executions import of_history, to_json
from .handler import CrdtOutputsHandler, allowed_to, http_errors
from .previous_runs import PreviousRuns
from .shown_execution import ShownExecution
from .visible_history import VisibleHistory

_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What the handler needs.

    Attributes:
        ledger: the executions of this server.
        visible: what users are told of former ones.
        runs: has the outputs of those whose cells have run again.
        logs: what long outputs are written to.
        open: gives the notebook of a room's id, whether open or not, and how to let it go.
    """

    ledger: Ledger
    visible: VisibleHistory
    runs: PreviousRuns
    logs: Logs
    open: Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]


def handlers(services: Services, base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], Any]]:
    """The route below *base_url*, as ``add_handlers`` of tornado takes it."""
    route = url_path_join(base_url, r"api/crdt-outputs/executions/([^/]+)/outputs")
    return [(route, OutputsHandler, {"services": services})]


class OutputsHandler(CrdtOutputsHandler):
    """The outputs of one execution: as the live document has them, references and all, or as they were at its end."""

    def initialize(self, services: Services) -> None:
        """Take what the route was registered with."""
        self._services = services

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, execution_id: str) -> None:
        """Outputs and execution; with ``after``, once they are at another revision, or after ``wait_s``."""
        with http_errors():
            wait_s = number(self.get_query_argument("wait_s", "0"), "wait_s", 0, _LONGEST_WAIT_S)
            shown = await self._shown(execution_id)
            record, live = shown.record, shown.live
            try:
                room, release = await self._services.open(f"json:notebook:{record.file_id}")
            except NotFound:  # the notebook is gone, and what became of its executions is known all the same
                seen = shown.see(None)
            else:
                try:
                    seen = await shown.wait(room, self.get_query_argument("after", ""), wait_s)
                finally:
                    release()
        outputs = seen.outputs
        if outputs is None and (live is None or live.is_ended):
            outputs = await asyncio.to_thread(self._services.runs.outputs_of, record if live is None else live.record)
        answer = {
            "execution": of_history(record) if live is None else to_json(live),
            "outputs": outputs,
            "revision": seen.revision,
            "prompts": 0 if live is None else live.prompts,
        }
        await self.tell(answer)

    async def _shown(self, execution_id: str) -> ShownExecution:
        services = self._services
        live = services.ledger.get(execution_id)
        if live is not None:
            return ShownExecution(services.ledger, services.logs, live.record, live, True)
        record = await services.visible.get(execution_id, self.contents_manager)
        of_cell = Query(file_id=record.file_id, cell=record.cell)
        newest = await asyncio.to_thread(services.runs.history.find, of_cell, 1)
        is_newest = all(each.id == record.id for each in newest)
        return ShownExecution(services.ledger, services.logs, record, None, is_newest)
