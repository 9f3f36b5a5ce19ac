"""Previous runs of a cell, and putting one back: ``api/crdt-outputs/previous`` and ``…/previous/restore``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.utils import url_path_join

from ..document.putting_back import Replaced, put_back
from ..document.rooms import Room, Rooms
from ..errors import InvalidRequest, NotAllowed, NotNow
from ..kernel.records import Ledger
from ..model.executions import ExecutionRecord, is_execution_id
from ..viewing.notebooks import Notebooks
from .executions import of_history
from .handler import allowed_to, http_errors
from .named_notebook import NamesNotebook, notebook_at
from .previous_runs import PreviousRuns
from .visible_history import VisibleHistory


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers here share.

    Attributes:
        rooms: the notebooks that are open.
        notebooks: finds notebooks.
        ledger: the executions that go on.
        visible: what users are told of former ones.
        runs: has their outputs.
        open: gives the notebook of a room's id, whether open or not, and how to let it go.
        seen: told of outputs that came into a document.
        leave: called with the room's id and how to let go of the room, which is saved first.
    """

    rooms: Rooms
    notebooks: Notebooks
    ledger: Ledger
    visible: VisibleHistory
    runs: PreviousRuns
    open: Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]
    seen: Callable[[Iterable[Any]], None]
    leave: Callable[[str, Callable[[], None]], None]


def handlers(services: Services, base_url: str) -> list[tuple[str, type[NamesNotebook], Any]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them."""
    root = url_path_join(base_url, "api/crdt-outputs/previous")
    parts = {"services": services}
    return [(root + "/?", PreviousHandler, parts), (root + "/restore", RestoreHandler, parts)]


class _Handler(NamesNotebook):
    def initialize(self, services: Services) -> None:
        """Take what the routes were registered with."""
        self._services = services


class PreviousHandler(_Handler):
    """What former runs of a cell have put out."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """The runs, the newest first, with their outputs in the document's form."""
        services = self._services
        with http_errors():
            cell, limit = self.argument("cell"), self.integer("limit", 1, 1000)
            if not cell:
                raise InvalidRequest("cell is the id of a cell")
            file_id = services.rooms.file_id_of((await self.notebook_in(services.notebooks)).path)
            runs: list[ExecutionRecord] = []
            if file_id is not None:
                runs = (await asyncio.to_thread(services.runs.of_cell, file_id, cell))[:limit]
            told = await asyncio.gather(*(asyncio.to_thread(self._told, run) for run in runs))
        await self.tell({"runs": told})

    def _told(self, record: ExecutionRecord) -> dict[str, Any]:
        outputs, note = self._services.runs.shown(record)
        return {"execution": of_history(record), "outputs": outputs, "note": note}


class RestoreHandler(_Handler):
    """Puts the outputs of a former run back into their cell."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def post(self) -> None:
        """Put back the outputs of ``{"execution": id}``, and tell what stood in the cell before."""
        authorizer = self.authorizer
        with http_errors():
            if not await ensure_async(authorizer.is_authorized(self, self.current_user, "write", "contents")):
                raise NotAllowed("you may not write contents")
            visible = await self._services.visible.get(self._execution(), self.contents_manager)
            room_id = f"json:notebook:{visible.file_id}"
            path = self._services.notebooks.path_of(room_id)
            if not (await notebook_at(self.contents_manager, path)).is_writable:
                raise NotAllowed("the file of the notebook cannot be written")
            record = await asyncio.to_thread(self._services.runs.kept, visible)
            outputs = await asyncio.to_thread(self._services.runs.whole, record)
            replaced = await self._put_back(room_id, record, outputs)
        told = {"outputs": replaced.outputs, "execution_count": replaced.execution_count}
        await self.tell({"room": room_id, "execution": of_history(record), "replaced": told})

    def _execution(self) -> str:
        body = self.body()
        execution = body.get("execution") if isinstance(body, dict) else None
        if not isinstance(execution, str) or not is_execution_id(execution) or len(body) != 1:
            raise InvalidRequest('give {"execution": id}')
        return execution

    async def _put_back(self, room_id: str, record: ExecutionRecord, outputs: Sequence[Mapping[str, Any]]) -> Replaced:
        services = self._services
        room, release = await services.open(room_id)
        try:
            if any(_is_of(live.record, record) for live in services.ledger.live):
                raise NotNow("the cell runs; its outputs can be put back when it has ended")
            replaced = put_back(room, record.cell, outputs, record.execution_count, _times(record))
            services.seen(outputs)
        finally:
            services.leave(room_id, release)
        return replaced


def _is_of(other: ExecutionRecord, record: ExecutionRecord) -> bool:
    return (other.file_id, other.cell) == (record.file_id, record.cell)


def _times(record: ExecutionRecord) -> dict[str, str]:
    if record.started_at is None or record.ended_at is None:
        return {}
    began, ended = record.started_at, record.ended_at
    return {"iopub.execute_input": began, "shell.execute_reply.started": began, "shell.execute_reply": ended}
