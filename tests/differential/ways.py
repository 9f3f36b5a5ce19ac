"""Ways to run the cells of a notebook that are no browser's: over HTTP, and from a terminal."""

from __future__ import annotations

import asyncio
import os
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from jupyter_crdt_outputs.client import AsyncClient
from jupyter_crdt_outputs.model.execution_state import Execution
from jupyter_crdt_outputs.model.executions import Selector
from jupyter_crdt_outputs.model.views import OutputView
from jupyter_crdt_outputs.testing.server import LabServer

from ..tools.program import COMMAND

_POLL_S = 0.05
_FAILED_OR_NOT = (0, 1)


class Way(ABC):
    """Runs cells of a notebook that is on a server."""

    def __init__(self, server: LabServer, path: str) -> None:
        self.path = path
        self._server = server
        self._client = AsyncClient(server.url, server.token)

    @abstractmethod
    async def run(self, cell: int | None) -> None:
        """Run one cell, or all, without waiting for the end."""

    @abstractmethod
    async def answer(self, text: str) -> None:
        """Answer what a cell asks, or will ask."""

    @abstractmethod
    async def ended(self) -> None:
        """Wait until all that was asked for so far has ended."""

    async def await_text(self, text: str) -> None:
        """Wait until an output has *text*, whoever looks."""
        while not any(text in (output.text or "") for output in await self._outputs()):  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(_POLL_S)

    async def close(self) -> None:
        """Let go of the server."""
        await self._client.close()

    async def _outputs(self) -> list[OutputView]:
        view = await self._client.view(self.path, max_chars=1 << 17)
        return [output for cell in view.cells for output in cell.outputs]


class OverHttp(Way):
    """The endpoint, through the Python client."""

    def __init__(self, server: LabServer, path: str) -> None:
        super().__init__(server, path)
        self._executions: list[Execution] = []

    async def run(self, cell: int | None) -> None:
        """Queue it."""
        self._executions += await self._client.start(self.path, "all" if cell is None else Selector("index", cell))

    async def answer(self, text: str) -> None:
        """As a program does that looks whether anything is asked."""
        while True:
            for execution in self._executions:
                if (await self._client.execution(execution)).prompt is not None:
                    await self._client.answer(execution, text)
                    return
            await asyncio.sleep(_POLL_S)

    async def ended(self) -> None:
        """Ask for the end of each."""
        ended = await self._client.wait(self._executions)
        assert all(each.record.is_finished for each in ended), "a cell asks for input, and nobody is there to answer"


class FromTerminal(Way):
    """``jupyter crdt-outputs run``, as a process whose input and output are no terminal."""

    def __init__(self, server: LabServer, path: str) -> None:
        super().__init__(server, path)
        self._running: list[asyncio.subprocess.Process] = []
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - until it is closed

    async def run(self, cell: int | None) -> None:
        """Start the command."""
        environment = os.environ | {
            "JUPYTER_SERVER_URL": self._server.url,
            "JUPYTER_TOKEN": self._server.token,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        arguments = [] if cell is None else ["--index", str(cell)]
        self._running.append(
            await asyncio.create_subprocess_exec(
                *COMMAND,
                "run",
                self.path,
                *arguments,
                env=environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=self._said,
                stderr=self._said,
            )
        )

    async def answer(self, text: str) -> None:
        """Type a line: the command reads it when it is asked."""
        stdin = self._running[-1].stdin
        assert stdin is not None
        stdin.write(f"{text}\n".encode())
        await stdin.drain()

    async def ended(self) -> None:
        """Wait for the commands."""
        codes = [await process.wait() for process in self._running]
        assert all(code in _FAILED_OR_NOT for code in codes), (codes, self._all_said())

    async def close(self) -> None:
        """End what has not."""
        for process in self._running:
            if process.returncode is None:
                process.kill()
                await process.wait()
        self._said.close()
        await super().close()

    def _all_said(self) -> str:
        self._said.seek(0)
        return self._said.read().decode(errors="replace")


WAYS: dict[str, type[Way]] = {"over HTTP": OverHttp, "from a terminal": FromTerminal}
