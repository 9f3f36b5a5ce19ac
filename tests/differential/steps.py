"""What a user does with a notebook in a case."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

RUN_ALL = "notebook:run-all-cells"
RUN_CELL = "notebook:run-cell"


class Seat(Protocol):
    """A place in front of the notebook: most often a browser, as a :class:`~.lab_page.LabPage`, which says more."""

    async def command(self, command: str, cell: int | None = None) -> None:
        """Execute a command of JupyterLab."""

    async def answer(self, text: str) -> None:
        """Answer the question that a cell asks, or will ask."""

    async def await_text(self, text: str) -> None:
        """Wait until an output shows *text*."""

    async def settle(self) -> None:
        """Wait until nothing runs and nothing changes any more."""

    async def rename(self, suffix: str) -> None:
        """Rename the notebook's file."""

    async def call(self, function: str, *arguments: object) -> Any:
        """Call a function of ``page.js``."""


class Step(Protocol):
    """One thing done, in one of the places from which the notebook is used."""

    async def act(self, pages: Sequence[Seat]) -> None:
        """Do it."""


@dataclass(frozen=True)
class RunAll:
    """Run > Run All Cells, without waiting for the end."""

    browser: int = 0

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[self.browser].command(RUN_ALL)


@dataclass(frozen=True)
class RunCell:
    """Run one cell, without waiting for the end."""

    cell: int
    browser: int = 0

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[self.browser].command(RUN_CELL, self.cell)


@dataclass(frozen=True)
class Command:
    """Any command of JupyterLab, on the active cell or on *cell*."""

    command: str
    cell: int | None = None
    browser: int = 0

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[self.browser].command(self.command, self.cell)


@dataclass(frozen=True)
class Settle:
    """Wait until nothing runs and nothing changes any more."""

    browser: int = 0

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[self.browser].settle()


@dataclass(frozen=True)
class AwaitText:
    """Wait until an output shows *text*."""

    text: str
    browser: int = 0

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[self.browser].await_text(self.text)


@dataclass(frozen=True)
class Type:
    """Wait for a question, type the answer, press Enter."""

    text: str

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[0].answer(self.text)


@dataclass(frozen=True)
class Rest:
    """Leave the notebook alone for so long that output which came after its cell has ended is looked at."""

    seconds: float = 3.0

    async def act(self, pages: Sequence[Seat]) -> None:
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class Restart:
    """Restart the kernel, without the dialog."""

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[0].call("restart")


@dataclass(frozen=True)
class Edit:
    """Replace the source of a cell."""

    cell: int
    source: str

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[0].call("edit", self.cell, self.source)


@dataclass(frozen=True)
class Rename:
    """Rename the notebook; *suffix* is appended to its name."""

    suffix: str

    async def act(self, pages: Sequence[Seat]) -> None:
        await pages[0].rename(self.suffix)
