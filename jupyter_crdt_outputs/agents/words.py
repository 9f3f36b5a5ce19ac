"""What the parameters of tools mean, in words for a model, and how tools present themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

Notebook = Annotated[str, Field(description="Path of the notebook, as list_notebooks gives it")]
Cell = Annotated[str, Field(description="Id of the cell, as read_cells gives it; '#3' is the cell of index 3")]
OneCell = Annotated[str | None, Field(description="Id of one cell; without it, a range or all")]
Start = Annotated[int | None, Field(description="Index of the first cell, from 0")]
Stop = Annotated[int | None, Field(description="Index after the last cell")]
CellId = Annotated[str, Field(description="Id of the cell, as read_cells gives it")]
Output = Annotated[int, Field(description="Number of the output in its cell, from 0; -1 is the last")]
MaxChars = Annotated[int, Field(ge=100, le=100_000, description="Of the text of each output")]
Version = Annotated[str, Field(description="Version of the cell's source that you saw, as read_cells gives it")]
Source = Annotated[str, Field(description="The whole source")]
Index = Annotated[int | None, Field(ge=0, description="Index that the cell has afterwards, from 0")]
Above = Annotated[str | None, Field(description="Instead: id of the cell above which it is to be")]
Below = Annotated[str | None, Field(description="Instead: id of the cell below which it is to be")]
Wait = Annotated[float, Field(ge=0, le=3600, description="Seconds to wait for the end; it runs on after that")]

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False)
MOVES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
STOPS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True)
"""A kernel can reach whatever the user can."""


def add(
    server: MCPServer[Any], annotations: ToolAnnotations, *tools: Callable[..., Any], structured: bool = False
) -> None:
    """Add tools, which are called as the functions are, and described by their docstrings.

    Args:
        server: gets them.
        annotations: what they do to things.
        tools: methods.
        structured: whether they answer with objects, and not with text to be read.
    """
    for tool in tools:
        title = tool.__name__.replace("_", " ").capitalize()
        server.add_tool(tool, annotations=annotations.model_copy(update={"title": title}), structured_output=structured)
