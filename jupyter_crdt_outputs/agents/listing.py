"""Tools that list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from pydantic import Field

from ..errors import NotAllowed
from ..model.executions import ExecutionRecord, Status
from .clients import Clients
from .words import READS, Notebook, add


@dataclass
class ListedNotebook:
    """A notebook.

    Attributes:
        path: what tools call it by.
        modified: when it was last saved.
        kernel: name of the kernel that it has; None when it has none.
        state: of that kernel.
    """

    path: str
    modified: str
    kernel: str | None = None
    state: str | None = None


@dataclass
class ListedNotebooks:
    """Notebooks.

    Attributes:
        notebooks: in the order of their paths, those that are less deep first.
        is_complete: False when there are more.
    """

    notebooks: list[ListedNotebook]
    is_complete: bool


@dataclass
class ListedExecution:
    """An execution of a cell.

    Attributes:
        execution: its id.
        notebook: its path.
        cell: id of the cell.
        status: queued, running, waiting-for-input, ok, error, aborted, cancelled, timeout or interrupted.
        error: name of the error that ended it.
        user: who asked for it.
        queued_at: when.
        started_at: when the kernel took it up.
        ended_at: when it ended.
    """

    execution: str
    notebook: str
    cell: str
    status: str
    error: str | None
    user: str
    queued_at: str
    started_at: str | None
    ended_at: str | None


@dataclass
class ListedExecutions:
    """Executions.

    Attributes:
        executions: newest first.
    """

    executions: list[ListedExecution]


@dataclass
class StaleCell:
    """A cell whose outputs are not what its code would put out now.

    Attributes:
        cell: its id.
        stale: why: it was edited since it was run, or a cell that it depends on was (upstream).
        because: ids of these cells.
    """

    cell: str
    stale: str
    because: list[str]


@dataclass
class StaleCells:
    """Cells of a notebook.

    Attributes:
        cells: those that are stale, in order.
    """

    cells: list[StaleCell]


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
        statuses: tuple[Status | None, ...] = ("running", "waiting-for-input", "queued") if unfinished_only else (None,)
        async with self._clients.of(ctx) as client:
            found = [
                each.record
                for status in statuses
                for each in await client.executions(path=notebook, cell=cell, status=status, limit=limit)
            ]
        found.sort(key=lambda record: record.id, reverse=True)
        return ListedExecutions([_listed(record) for record in found[:limit]])

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
        record.queued_at,
        record.started_at,
        record.ended_at,
    )
