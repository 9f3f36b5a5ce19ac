"""Notebooks as resources: what a person can attach to a conversation."""

from __future__ import annotations

import json
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError

from ..client import CellSources
from . import text
from .clients import Clients

_CELL_CHARACTERS = 20_000


def add_to(server: MCPServer[Any], clients: Clients) -> None:
    """Add the templates: cells and outputs of a notebook by its path, all or of one cell."""

    @server.resource("notebook://cells/{+path}{?cell}", title="Cells of a notebook", mime_type="text/markdown")
    async def cells(ctx: Context[Any, Any], path: str, cell: str | None = None) -> str:
        """The cells of a notebook as they are now: ids, types, sources, versions."""
        async with clients.of(ctx, ResourceError) as client:
            return text.of_cells(await client.cells(path, cell=cell), _CELL_CHARACTERS)

    @server.resource("notebook://outputs/{+path}{?cell}", title="Outputs of a notebook", mime_type="text/plain")
    async def outputs(ctx: Context[Any, Any], path: str, cell: str | None = None) -> str:
        """What the cells of a notebook have put out, as text."""
        async with clients.of(ctx, ResourceError) as client:
            return text.of_outputs(await client.view(path, cell=cell, sources=True))

    @server.resource("notebook://source/{+path}", title="Sources of a notebook", mime_type="application/json")
    async def sources(ctx: Context[Any, Any], path: str) -> str:
        """The cells of a notebook for programs: whole sources and their SHA-256."""
        async with clients.of(ctx, ResourceError) as client:
            found: CellSources = await client.cells(path)
            return json.dumps(found.to_json(), ensure_ascii=False)
