"""Tools that edit cells, in the document that people have open."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from pydantic import Field

from ..client import AsyncClient, CellSource
from ..errors import InvalidRequest, SourceChanged
from . import text
from .clients import Clients
from .words import ADDS, CHANGES, MOVES, Above, Below, CellId, Index, Notebook, Source, Version, add

Type = Literal["code", "markdown", "raw"]
Tags = Annotated[list[str] | None, Field(description="All tags that the cell is to have")]

_TRIES = 5


class Editing:
    """The tools.

    Args:
        clients: of the Jupyter server.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def add_to(self, server: MCPServer[Any]) -> None:
        """Add them to a server."""
        add(server, ADDS, self.insert_cell)
        add(server, MOVES, self.move_cell)
        add(server, CHANGES, self.edit_cell, self.replace_in_cell, self.delete_cell)

    async def insert_cell(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        source: Source,
        type: Type = "code",
        index: Index = None,
        above: Above = None,
        below: Below = None,
        tags: Tags = None,
    ) -> str:
        """Insert a cell into the live notebook, at the end unless a place is given. It is not run: see run_cells."""
        async with self._clients.of(ctx) as client:
            made = await client.insert_cell(
                notebook, source, type=type, tags=tags or (), index=index, above=above, below=below
            )
        return _told("inserted", made)

    async def edit_cell(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: CellId,
        version: Version,
        source: Annotated[str | None, Field(description="The whole new source; without it, it stays")] = None,
        type: Annotated[Type | None, Field(description="Another type; the cell loses its outputs")] = None,
        tags: Tags = None,
    ) -> str:
        """Change a cell, if its source is still the version that you saw. To change a part, use replace_in_cell."""
        async with self._clients.of(ctx) as client:
            seen = await _cell(client, notebook, cell)
            text.check_version(seen, version)
            return _told("changed", await client.edit_cell(notebook, seen, source=source, type=type, tags=tags))

    async def replace_in_cell(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: CellId,
        old: Annotated[str, Field(min_length=1, description="A part of the source that occurs in it exactly once")],
        new: Annotated[str, Field(description="What is to stand in its place")],
    ) -> str:
        """Replace a part of a cell's source. People may be typing elsewhere in the cell."""
        async with self._clients.of(ctx) as client:
            for attempt in range(_TRIES):
                seen = await _cell(client, notebook, cell)
                count = seen.source.count(old)
                if count != 1:
                    found = "does not occur" if not count else f"occurs {count} times"
                    raise InvalidRequest(f"nothing was changed: this text {found} in cell {cell}; read it again")
                try:
                    changed = await client.edit_cell(notebook, seen, source=seen.source.replace(old, new))
                    return _told("changed", changed)
                except SourceChanged:  # between the two requests
                    if attempt == _TRIES - 1:
                        raise
        raise AssertionError  # a loop that always returns or raises

    async def delete_cell(self, ctx: Context[Any, Any], notebook: Notebook, cell: CellId, version: Version) -> str:
        """Delete a cell with its outputs, if its source is still the version that you saw."""
        async with self._clients.of(ctx) as client:
            seen = await _cell(client, notebook, cell)
            text.check_version(seen, version)
            await client.delete_cell(notebook, seen)
        return f"deleted cell {cell}"

    async def move_cell(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cell: CellId,
        index: Index = None,
        above: Above = None,
        below: Below = None,
    ) -> str:
        """Move a cell to another place, to the end unless one is given. It keeps its id and its outputs."""
        async with self._clients.of(ctx) as client:
            return _told("moved", await client.move_cell(notebook, cell, index=index, above=above, below=below))


async def _cell(client: AsyncClient, notebook: str, cell: str) -> CellSource:
    """The cell as it is now. Raises NotFound."""
    return (await client.cells(notebook, cell=cell)).cells[0]


def _told(done: str, cell: CellSource) -> str:
    return f"{done}: {text.of_cell(cell).removeprefix('## ')}"
