"""Tools that read."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ImageContent, TextContent
from pydantic import Field

from ..client import AsyncClient, Hits
from ..errors import NotAllowed, NotFound
from ..model.executions import ExecutionRecord, Status
from . import text
from .clients import Clients
from .words import READS, Cell, Notebook, Output, add

SHOWABLE = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Pictures that models can look at."""

MOST_PIXELS = 1024
MOST_BYTES = 1_000_000

_MOST_CELL_CHARACTERS = 1 << 20
_MOST_HITS = 200
_LINES_AT_ONCE = 200
_SVG_CHARACTERS = 20_000


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


class Reading:
    """The tools.

    Args:
        clients: of the Jupyter server.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def add_to(self, server: MCPServer[Any]) -> None:
        """Add them to a server."""
        add(server, READS, self.list_notebooks, self.list_executions, self.list_stale_cells, structured=True)
        add(server, READS, self.read_cells, self.read_outputs, self.look_at_image, self.read_lines, self.search_output)

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

    async def read_cells(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: Annotated[str | None, Field(description="Id of one cell; without it, a range or all")] = None,
        start: Annotated[int | None, Field(description="Index of the first cell, from 0")] = None,
        stop: Annotated[int | None, Field(description="Index after the last cell")] = None,
        max_chars: Annotated[int, Field(ge=100, le=_MOST_CELL_CHARACTERS, description="Of each source")] = 20_000,
    ) -> str:
        """Read the cells of a notebook as they are now: ids, types, sources, and the versions that edits ask for."""
        async with self._clients.of(ctx) as client:
            return text.of_cells(await client.cells(notebook, cell=cell, start=start, stop=stop), max_chars)

    async def read_outputs(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: Annotated[str | None, Field(description="Id of one cell; without it, a range or all")] = None,
        start: Annotated[int | None, Field(description="Index of the first cell, from 0")] = None,
        stop: Annotated[int | None, Field(description="Index after the last cell")] = None,
        max_chars: Annotated[int, Field(ge=100, le=100_000, description="Of the text of each output")] = 4000,
        sources: Annotated[bool, Field(description="Whether to show the sources, too")] = False,
    ) -> str:
        """Read what cells have put out, as text; of long texts both ends. Pictures are named: see look_at_image."""
        async with self._clients.of(ctx) as client:
            found = await client.view(notebook, cell=cell, start=start, stop=stop, max_chars=max_chars, sources=sources)
        return text.of_outputs(found)

    async def look_at_image(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: Cell,
        output: Annotated[int | None, Field(description="Number of the output; without it, the last picture")] = None,
        max_pixels: Annotated[int, Field(ge=16, le=4096, description="Of the longer side")] = MOST_PIXELS,
    ) -> list[TextContent | ImageContent]:
        """Look at a picture that a cell shows, such as a plot."""
        async with self._clients.of(ctx) as client:
            if output is None:
                shown = [each for _, each in await client.view(notebook, cell=cell) if text.pictures_in(each)]
                if not shown:
                    raise NotFound("this cell shows no picture")
                output = shown[-1].index
            return await look(client, notebook, cell, output, max_pixels)

    async def read_lines(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: Cell,
        output: Output = 0,
        start: Annotated[int, Field(ge=0, description="The first line, from 0")] = 0,
        count: Annotated[int, Field(ge=1, le=5000)] = 200,
        tail: Annotated[int | None, Field(ge=1, le=5000, description="Instead: the last so many lines")] = None,
    ) -> str:
        """Read some lines of the text of an output, such as of a long log, also while it is being written."""
        async with self._clients.of(ctx) as client:
            return text.of_lines(await client.lines(notebook, cell, output, start=start, count=count, tail=tail))

    async def search_output(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: Cell,
        query: Annotated[str, Field(min_length=1, description="What to look for within a line")],
        output: Output = 0,
        is_regex: Annotated[bool, Field(description="Whether it is a regular expression")] = False,
        match_case: bool = False,
        limit: Annotated[int, Field(ge=1, le=_MOST_HITS, description="Lines to show")] = 50,
    ) -> str:
        """Find the lines in the text of an output that contain something."""
        async with self._clients.of(ctx) as client:
            found = await client.search(notebook, cell, query, output, is_regex=is_regex, match_case=match_case)
            lines = [line async for line in _lines_of(client, notebook, cell, output, found, limit)]
        more = "" if len(found.lines) <= limit else f", the first {limit} of them here"
        return "\n".join([f"# found {found.count:,} times, in {len(found.lines):,} lines{more}", *lines])

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


async def look(
    client: AsyncClient, notebook: str, cell: str, output: int, max_pixels: int = MOST_PIXELS
) -> list[TextContent | ImageContent]:
    """A picture, with a word on what it is. Raises NotFound and ImageTooLarge."""
    found = await client.picture(notebook, cell, output, max_pixels=max_pixels, max_bytes=MOST_BYTES)
    about = f"{found.mime} of cell {cell}, output {output}"
    if found.mime not in SHOWABLE:
        drawn = found.data[:_SVG_CHARACTERS].decode("utf-8", "replace")
        return [TextContent(type="text", text=f"{about}, as text:\n{drawn}")]
    data = base64.b64encode(found.data).decode()
    return [TextContent(type="text", text=about), ImageContent(type="image", data=data, mime_type=found.mime)]


async def _lines_of(
    client: AsyncClient, notebook: str, cell: str, output: int, found: Hits, limit: int
) -> AsyncIterator[str]:
    """The lines in which something was found, those that are near each other in one request."""
    for _, near in groupby(found.lines[:limit], key=lambda number: number // _LINES_AT_ONCE):
        numbers = list(near)
        count = numbers[-1] - numbers[0] + 1
        got = await client.lines(notebook, cell, output, start=numbers[0], count=count)
        for number in numbers:
            if got.first <= number < got.first + len(got.lines):
                yield f"{number}: {got.lines[number - got.first]}"
