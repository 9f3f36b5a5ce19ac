"""Tools that list."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from pydantic import Field

from ..errors import NotAllowed
from ..model.executions import ExecutionRecord
from .clients import Clients
from .listed import ListedExecution, ListedExecutions, ListedNotebook, ListedNotebooks, StaleCell, StaleCells
from .words import READS, Notebook, add


class Listing:
    """The tools.

    Args:
        clients: of the Jupyter server.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def add_to(self, server: MCPServer[Any]) -> None:
        """Add them to a server."""
        add(server, READS, self.list_notebooks, self.list_executions, self.list_stale_cells, structured=True)

    async def list_notebooks(
        self,
        ctx: Context[Any, Any],
        folder: Annotated[str, Field(description="A folder; empty for all")] = "",
        limit: Annotated[int, Field(ge=1, le=1000)] = 200,
    ) -> ListedNotebooks:
        """List the notebooks on the Jupyter server, and which of them have a running kernel."""
        async with self._clients.of(ctx) as client:
            found = await client.notebooks(folder, most=limit)
            try:
                sessions = {each.path: each for each in await client.sessions()}
            except NotAllowed:
                sessions = {}
        listed = []
        for each in found.notebooks:
            session = sessions.get(each.path)
            kernel = (None, None) if session is None else (session.kernel_name, session.state)
            listed.append(ListedNotebook(each.path, each.modified, *kernel))
        return ListedNotebooks(listed, found.is_complete)

    async def list_executions(
        self,
        ctx: Context[Any, Any],
        notebook: Annotated[str | None, Field(description="Path of one notebook; without it, of all")] = None,
        cell: Annotated[str | None, Field(description="Id of one cell")] = None,
        unfinished_only: Annotated[bool, Field(description="Whether to leave out what has ended")] = False,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> ListedExecutions:
        """List executions of cells, newest first: who ran what, when, and how it ended."""
        async with self._clients.of(ctx) as client:
            found = await client.executions(path=notebook, cell=cell, unfinished=unfinished_only, limit=limit)
        return ListedExecutions([_listed(each.record) for each in found])

    async def list_stale_cells(self, ctx: Context[Any, Any], notebook: Notebook) -> StaleCells:
        """List the cells whose outputs are stale: edited since they were run, or depending on such a cell."""
        async with self._clients.of(ctx) as client:
            found = await client.freshness(notebook)
        return StaleCells([StaleCell(each.cell, each.stale, list(each.because)) for each in found if each.stale])


def _listed(record: ExecutionRecord) -> ListedExecution:
    return ListedExecution(
        record.id,
        record.path,
        record.cell,
        record.status,
        record.error,
        record.user,
        record.claimed_name,
        record.queued_at,
        record.started_at,
        record.ended_at,
    )
