"""What becomes of cells that run, told to a model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mcp_types import ImageContent, TextContent

from ..client import Asked, AsyncClient, Execution
from ..errors import CrdtOutputsError
from . import text
from .progress import Progress
from .reading import look

Content = list[TextContent | ImageContent]

_END_S = 10.0


async def followed(
    client: AsyncClient, executions: Sequence[Execution], progress: Progress, wait_s: float
) -> list[Execution]:
    """How executions stand when they have ended, or when the time is over, or somebody is asked for input."""
    try:
        async with asyncio.timeout(wait_s):
            for execution in executions:
                async for event in client.follow(execution):
                    await progress.tell(event)
                    if isinstance(event, Asked):
                        raise TimeoutError
    except TimeoutError:
        pass
    async with asyncio.timeout(_END_S):
        return [await client.execution(each) for each in executions]


async def told(client: AsyncClient, executions: Sequence[Execution], max_chars: int, max_images: int) -> Content:
    """How executions stand, and what those have put out that have begun.

    Args:
        client: of the server.
        executions: as they were told of last.
        max_chars: of the text of each output.
        max_images: how many pictures to show at most.
    """
    content: Content = [TextContent(type="text", text="\n".join(map(_line, executions)))]
    for execution in executions:
        record = execution.record
        if record.started_at is None:
            continue
        view = await client.view(record.path, cell=record.cell, max_chars=max_chars)
        for cell in view.cells:
            content.append(TextContent(type="text", text=text.of_cell_outputs(cell)))
            for output in cell.outputs:
                if text.pictures_in(output) and max_images:
                    max_images -= 1
                    content += await _picture(client, record.path, cell.id, output.index)
    return content


async def _picture(client: AsyncClient, notebook: str, cell: str, output: int) -> Content:
    try:
        return list(await look(client, notebook, cell, output))
    except CrdtOutputsError as error:  # of a picture that cannot be had, the rest is told all the same
        return [TextContent(type="text", text=f"(the picture cannot be shown: {error})")]


def _line(execution: Execution) -> str:
    record = execution.record
    status = f"{record.status} ({record.error})" if record.error else record.status
    asks = f"asks for input: {execution.prompt.text}" if execution.prompt else None
    more = [execution.message, asks, None if record.is_finished else "not over"]
    return " · ".join([f"cell {record.cell}", f"execution {record.id}", status, *filter(None, more)])
