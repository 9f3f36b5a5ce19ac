"""What users are told of former executions: those in notebooks that this server has and shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from tornado.web import HTTPError

from ..errors import CrdtOutputsError, NotFound
from ..model.executions import ExecutionRecord, is_execution_id
from ..store.history import History, Newest, Query
from .named_notebook import notebook_at


class VisibleHistory:
    """The history as the users of this server see it; it is for those who may read contents.

    Many people's servers may use one store, whose history is of them all, and tells of each record the notebook's path,
    the user, and what they let it keep of the source. Somebody who shares the store is no reader of their notebooks. So
    a record is told only when the id of its notebook's file is one that this server knows, and its contents manager has
    a notebook there. By its path alone it is not: many have an ``Untitled.ipynb``.

    Args:
        history: of all servers on the store.
        path_of: gives the path of the notebook in the room of an id, open or not; raises NotFound.
    """

    def __init__(self, history: History, path_of: Callable[[str], str]) -> None:
        self._history = history
        self._path_of = path_of

    async def find(self, query: Query, limit: int, contents: Any) -> list[ExecutionRecord]:
        """As many visible records as are wanted, if there are so many, the newest first.

        Args:
            query: which.
            limit: how many at most.
            contents: the server's contents manager.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        newest, visible = Newest(limit), dict[str, bool]()
        batches = self._history.batches(query)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            if newest.is_complete(batch.newest):
                break
            await self._look(batch.records, visible, contents)
            newest.add(record for record in batch.records if visible[record.file_id])
        return newest.records

    async def get(self, execution_id: str, contents: Any) -> ExecutionRecord:
        """The record of this id. Raises NotFound, for one that is not visible in the same words; StoreUnavailable."""
        if is_execution_id(execution_id):
            for record in await self.find(Query(id=execution_id), 1, contents):
                return record
        raise NotFound(f"there is no execution {execution_id!r:.80}")

    async def _look(self, records: Iterable[ExecutionRecord], visible: dict[str, bool], contents: Any) -> None:
        for file_id in {record.file_id for record in records} - visible.keys():
            try:
                await notebook_at(contents, self._path_of(f"json:notebook:{file_id}"))
                visible[file_id] = True
            except (CrdtOutputsError, HTTPError):
                visible[file_id] = False
            await asyncio.sleep(0)  # the server may have to look for a file that was moved
