"""Tools that run cells, and end what runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import TextContent
from pydantic import Field

from ..client import AsyncClient, Selector
from ..errors import InvalidRequest, NotNow
from ..model.digest import Digest
from . import text
from .clients import Clients
from .outcomes import Content, followed, told
from .progress import Progress
from .words import READS, RUNS, STOPS, MaxChars, Notebook, Wait, add

Many = Literal["all", "stale"]
MaxImages = Annotated[int, Field(ge=0, le=20, description="How many pictures to show at most")]


class Running:
    """The tools.

    Args:
        clients: of the Jupyter server.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def add_to(self, server: MCPServer[Any]) -> None:
        """Add them to a server."""
        add(server, RUNS, self.run_cells)
        add(server, READS, self.wait_for_execution)
        add(server, STOPS, self.stop_cells)

    async def run_cells(
        self,
        ctx: Context[Any, Any],
        notebook: Notebook,
        cells: Annotated[list[str] | None, Field(description="Ids of the cells, in the order to run them")] = None,
        run_all: Annotated[bool, Field(description="Instead: run all cells of the notebook")] = False,
        run_stale: Annotated[bool, Field(description="Instead: run the cells that list_stale_cells tells of")] = False,
        versions: Annotated[
            list[str] | None, Field(description="Versions of these cells that you saw: nothing runs if one has changed")
        ] = None,
        wait_s: Wait = 60,
        timeout_s: Annotated[float | None, Field(gt=0, description="Interrupt a cell that runs longer")] = None,
        restart: Annotated[bool, Field(description="Restart the kernel first: it forgets everything")] = False,
        keep_going: Annotated[bool, Field(description="Whether to go on after an error")] = False,
        allow_input: Annotated[bool, Field(description="Whether input() may wait for a person at a browser")] = False,
        max_chars: MaxChars = 4000,
        max_images: MaxImages = 4,
    ) -> Content:
        """Run cells in the notebook's kernel, which is started if need be, and show what they put out.

        What they put out stands in the notebook afterwards, and people who have it open see it as it comes. When
        wait_s is over, cells that are not done go on: wait_for_execution shows more of them, stop_cells ends them.
        """
        async with self._clients.of(ctx) as client:
            started = await client.start(
                notebook,
                await _selected(client, notebook, cells, _many(run_all, run_stale), versions),
                restart=restart,
                stop_on_error=not keep_going,
                allow_stdin=allow_input,
                timeout_s=timeout_s,
                claimed_name=self._clients.name,
            )
            if not started:
                return [TextContent(type="text", text="nothing was run: no such cell holds code")]
            ended = await followed(client, started, Progress(ctx, len(started)), wait_s)
            return await told(client, ended, max_chars, max_images)

    async def wait_for_execution(
        self,
        ctx: Context[Any, Any],
        execution: Annotated[str, Field(description="Its id, as run_cells or list_executions gives it")],
        wait_s: Wait = 60,
        max_chars: MaxChars = 4000,
        max_images: MaxImages = 4,
    ) -> Content:
        """Wait until an execution has ended, and show what it has put out; who ran it does not matter."""
        async with self._clients.of(ctx) as client:
            known = [await client.execution(execution)]
            ended = await followed(client, known, Progress(ctx, 1), wait_s)
            return await told(client, ended, max_chars, max_images)

    async def stop_cells(
        self,
        ctx: Context[Any, Any],
        execution: Annotated[str | None, Field(description="Id of one execution; or else")] = None,
        notebook: Annotated[str | None, Field(description="path of a notebook: all that it runs for programs")] = None,
    ) -> str:
        """Stop what runs or waits to be run. The kernel is interrupted; it forgets nothing."""
        if (execution is None) == (notebook is None):
            raise InvalidRequest("give an execution, or a notebook")
        async with self._clients.of(ctx) as client:
            if notebook is not None:
                return f"stopped {len(await client.cancel_all(path=notebook))} executions"
            assert execution is not None
            try:
                await client.cancel(execution)
            except NotNow:
                await client.interrupt(execution)  # a browser's can only be interrupted
        return f"stopped {execution}"


def _many(run_all: bool, run_stale: bool) -> Many | None:
    if run_all and run_stale:
        raise InvalidRequest("give run_all, or run_stale")
    return "all" if run_all else "stale" if run_stale else None


async def _selected(
    client: AsyncClient, notebook: str, cells: list[str] | None, many: Many | None, versions: list[str] | None
) -> Sequence[Selector]:
    """The cells that are meant, with the digests that go with the versions. Raises InvalidRequest, SourceChanged."""
    if (many is None) == (not cells):
        raise InvalidRequest("give cells, or run_all, or run_stale")
    if versions is None:
        return [Selector(many, "")] if many else [Selector("id", cell) for cell in cells or ()]
    if len(versions) != len(cells or ()):
        raise InvalidRequest("give as many versions as cells")
    present = {cell.id: cell for cell in (await client.cells(notebook)).cells}
    for cell, version in zip(cells or (), versions, strict=True):
        if cell in present:
            text.check_version(present[cell], version)
    return [
        Selector("id", cell, Digest.parse(present[cell].sha256) if cell in present else None) for cell in cells or ()
    ]
