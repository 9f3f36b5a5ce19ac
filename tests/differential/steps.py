"""What a user does with a notebook in a case."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .lab_page import LabPage


class Step(Protocol):
    """One thing done, in one of the browsers that have the notebook open."""

    async def act(self, pages: Sequence[LabPage]) -> None:
        """Do it."""


@dataclass(frozen=True)
class RunAll:
    """Run > Run All Cells, without waiting for the end."""

    browser: int = 0

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[self.browser].command("notebook:run-all-cells")


@dataclass(frozen=True)
class RunCell:
    """Run one cell, without waiting for the end."""

    cell: int
    browser: int = 0

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[self.browser].command("notebook:run-cell", self.cell)


@dataclass(frozen=True)
class Command:
    """Any command of JupyterLab, on the active cell or on *cell*."""

    command: str
    cell: int | None = None
    browser: int = 0

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[self.browser].command(self.command, self.cell)


@dataclass(frozen=True)
class Settle:
    """Wait until nothing runs and nothing changes any more."""

    browser: int = 0

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[self.browser].settle()


@dataclass(frozen=True)
class AwaitText:
    """Wait until an output shows *text*."""

    text: str
    browser: int = 0

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[self.browser].await_text(self.text)


@dataclass(frozen=True)
class Type:
    """Wait for a question, type the answer, press Enter."""

    text: str

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[0].answer(self.text)


@dataclass(frozen=True)
class Rest:
    """Leave the notebook alone for so long that output which came after its cell has ended is looked at."""

    seconds: float = 3.0

    async def act(self, pages: Sequence[LabPage]) -> None:
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class Restart:
    """Restart the kernel, without the dialog."""

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[0].call("restart")


@dataclass(frozen=True)
class Edit:
    """Replace the source of a cell."""

    cell: int
    source: str

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[0].call("edit", self.cell, self.source)


@dataclass(frozen=True)
class Rename:
    """Rename the notebook; *suffix* is appended to its name."""

    suffix: str

    async def act(self, pages: Sequence[LabPage]) -> None:
        await pages[0].rename(self.suffix)
