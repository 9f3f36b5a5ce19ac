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
from ..errors import (
    ArtifactCorrupt,
    ArtifactMissing,
    InvalidRequest,
    NotAllowed,
    NotNow,
    OutputsGone,
    StoreUnavailable,
)
from ..kernel.records import Ledger
from ..model.executions import ExecutionRecord, is_execution_id
from ..model.reference import LogReference, LongStreamReference, reference_in
from ..store import ArtifactStore
from ..store.collection.marking import segments_of
from ..store.history import History
from ..store.history.keeping import OutputKeeper
from ..store.history.previous import runs_of
from ..viewing.notebooks import Notebooks
from .executions import of_history
from .handler import allowed_to, http_errors
from .named_notebook import NamesNotebook, notebook_at
from .visible_history import VisibleHistory


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers here share.

    Attributes:
        rooms: the notebooks that are open.
        notebooks: finds notebooks.
        ledger: the executions of this server.
        history: those of former times.
        visible: what users are told of them.
        keeper: has their outputs.
        store: has what those refer to.
        most: how many runs of a cell are kept.
        age_s: for how long.
        open: gives the notebook of a room's id, whether open or not, and how to let it go.
        seen: told of outputs that came into a document.
        leave: called with the room's id and how to let go of the room, which is saved first.
    """

    rooms: Rooms
    notebooks: Notebooks
    ledger: Ledger
    history: History
    visible: VisibleHistory
    keeper: OutputKeeper
    store: ArtifactStore
    most: int
    age_s: float
    open: Callable[[str], Awaitable[tuple[Room, Callable[[], None]]]]
    seen: Callable[[Iterable[Any]], None]
    leave: Callable[[str, Callable[[], None]], None]

    def runs(self, file_id: str, cell: str) -> list[ExecutionRecord]:
        """The runs of a cell whose outputs are kept, the newest first. Blocks; raises StoreUnavailable."""
        return runs_of(self.history.find, file_id, cell, self.most, self.age_s)

    def kept(self, record: ExecutionRecord) -> ExecutionRecord:
        """The same record with its outputs, if they are still kept. Blocks.

        Raises:
            OutputsGone: its outputs are not kept, or no longer.
            StoreUnavailable: nobody knows.
        """
        for run in self.runs(record.file_id, record.cell):
            if run.id == record.id:
                return run
        raise OutputsGone(f"the outputs of {_name_of(record)} are not kept any longer")

    def outputs(self, record: ExecutionRecord) -> list[dict[str, Any]]:
        """The outputs of a run, all of whose artifacts are in the store. Blocks.

        Raises:
            OutputsGone: they are not all there.
            StoreUnavailable: nobody knows.
        """
        try:
            if record.kept is None:
                raise OutputsGone(f"the outputs of {_name_of(record)} are not kept")
            outputs = self.keeper.load(record.kept)
            for output in outputs:
                self._must_be_there(output)
        except (ArtifactMissing, ArtifactCorrupt, InvalidRequest) as error:
            raise OutputsGone(f"{_name_of(record)} cannot be put back: {error.public}") from error
        return outputs

    def _must_be_there(self, output: Mapping[str, Any]) -> None:
        reference = reference_in(output)
        if isinstance(reference, LogReference):
            raise InvalidRequest("a long text of it never came into the store")
        for digest in () if reference is None else reference.digests:
            self.store.size(digest)
            if isinstance(reference, LongStreamReference):
                for segment in segments_of(self.store, digest):
                    self.store.size(segment)


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
                runs = (await asyncio.to_thread(services.runs, file_id, cell))[:limit]
            told = await asyncio.gather(*(asyncio.to_thread(self._told, run) for run in runs))
        await self.tell({"runs": told})

    def _told(self, record: ExecutionRecord) -> dict[str, Any]:
        outputs, note = None, ""
        try:
            outputs = None if record.kept is None else self._services.keeper.load(record.kept)
        except ArtifactMissing:
            note = "The outputs of this run were removed from the store."
        except ArtifactCorrupt:
            note = "What the store has of this run is damaged."
        except StoreUnavailable:
            note = "The store does not answer; try again later."
        except InvalidRequest as error:
            note = f"{error}."
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
            record = await asyncio.to_thread(self._services.kept, visible)
            outputs = await asyncio.to_thread(self._services.outputs, record)
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


def _name_of(record: ExecutionRecord) -> str:
    return f"the run of {(record.started_at or record.queued_at)[:19].replace('T', ' ')} UTC"
