"""Tools that read."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from itertools import groupby
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ImageContent, TextContent
from pydantic import Field

from ..client import AsyncClient, Hits
from ..errors import NotFound
from . import text
from .clients import Clients
from .words import READS, Cell, MaxChars, Notebook, OneCell, Output, Start, Stop, add

SHOWABLE = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Pictures that models can look at."""

MOST_PIXELS = 1024
MOST_BYTES = 1_000_000

_MOST_CELL_CHARACTERS = 1 << 20
_MOST_HITS = 200
_LINES_AT_ONCE = 200
_SVG_CHARACTERS = 20_000


class Reading:
    """The tools.

    Args:
        clients: of the Jupyter server.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def add_to(self, server: MCPServer[Any]) -> None:
        """Add them to a server."""
        add(server, READS, self.read_cells, self.read_outputs, self.look_at_image, self.read_lines, self.search_output)

    async def read_cells(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: OneCell = None,
        start: Start = None,
        stop: Stop = None,
        max_chars: Annotated[int, Field(ge=100, le=_MOST_CELL_CHARACTERS, description="Of each source")] = 20_000,
    ) -> str:
        """Read the cells of a notebook as they are now: ids, types, sources, and the versions that edits ask for."""
        async with self._clients.of(ctx) as client:
            return text.of_cells(await client.cells(notebook, cell=cell, start=start, stop=stop), max_chars)

    async def read_outputs(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: OneCell = None,
        start: Start = None,
        stop: Stop = None,
        max_chars: MaxChars = 4000,
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
