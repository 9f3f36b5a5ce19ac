"""Who does the steps of a case when a browser does not run the cells."""

from __future__ import annotations

from typing import Any

from .lab_page import LabPage
from .steps import RUN_ALL, RUN_CELL
from .ways import Way


class Watching:
    """A browser in which everything is done and seen but the running of cells."""

    def __init__(self, page: LabPage, way: Way) -> None:
        self._page = page
        self._way = way

    async def command(self, command: str, cell: int | None = None) -> None:
        """Run cells by the other way; else execute the command in the page."""
        if command in (RUN_ALL, RUN_CELL):
            await self._way.run(cell)
        else:
            await self._page.command(command, cell)

    async def answer(self, text: str) -> None:
        """In the box that every page shows."""
        await self._page.answer(text)

    async def await_text(self, text: str) -> None:
        """Wait until the page shows it."""
        await self._page.await_text(text)

    async def settle(self) -> None:
        """Wait for the end, as both see it."""
        await self._way.ended()
        await self._page.settle()

    async def rename(self, suffix: str) -> None:
        """In the page."""
        await self._page.rename(suffix)
        self._way.path = self._page.path

    async def call(self, function: str, *arguments: object) -> Any:
        """In the page."""
        return await self._page.call(function, *arguments)


class Alone:
    """Nobody has the notebook open."""

    def __init__(self, way: Way) -> None:
        self._way = way

    async def command(self, command: str, cell: int | None = None) -> None:
        """Run cells, and nothing else."""
        assert command in (RUN_ALL, RUN_CELL), f"{command} needs a browser"
        await self._way.run(cell)

    async def answer(self, text: str) -> None:
        """By the way that runs the cells."""
        await self._way.answer(text)

    async def await_text(self, text: str) -> None:
        """Wait until whoever asks for the outputs gets it."""
        await self._way.await_text(text)

    async def settle(self) -> None:
        """Wait for the end."""
        await self._way.ended()

    async def rename(self, suffix: str) -> None:
        """Not without a browser."""
        raise AssertionError("this needs a browser")

    async def call(self, function: str, *arguments: object) -> Any:
        """Not without a browser."""
        raise AssertionError("this needs a browser")
