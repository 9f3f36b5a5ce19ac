"""One of the two systems that are compared: a server and the browsers on it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.async_api import Browser

from jupyter_crdt_outputs.testing.server import LabServer

from . import kernel_side
from .cases import Case, Cell
from .lab_page import LabPage
from .seats import Alone, Watching
from .steps import AwaitText, Rest, RunAll, RunCell, Seat, Settle, Type
from .ways import Way

_VIEWPORT = {"width": 1280, "height": 1800}
_CASE_TIMEOUT_S = 60.0
_NEED_NO_BROWSER = (AwaitText, Rest, RunAll, RunCell, Settle, Type)


@dataclass(frozen=True)
class Shown:
    """What became of a notebook.

    Attributes:
        saved: the file as it was saved, read by nbformat.
        views: what each browser shows at the end, as LabPage.snapshot() describes it.
        document: the shared document as the first browser holds it.
        errors: what the consoles reported.
    """

    saved: dict[str, Any]
    views: list[dict[str, Any]]
    document: dict[str, Any]
    errors: list[str]


class System:
    """A running server with up to two browsers, each a context of its own."""

    def __init__(self, server: LabServer, browser: Browser) -> None:
        self.server = server
        self._browser = browser
        self._pages: list[LabPage] = []
        self._count = 0
        source = Path(str(kernel_side.__file__))
        shutil.copy(source, server.root_dir / source.name)

    async def show(self, case: Case, way: type[Way] | None = None, *, watched: bool = True) -> Shown:
        """Write the case's notebook, do its steps in real browsers, save it, and describe what came of it.

        Args:
            case: what is done.
            way: how cells are run, if not by the browsers.
            watched: whether the browsers have the notebook open all the time, or only when all is over. They always
                have if they are needed for more than to run cells.
        """
        self._count += 1
        path = f"case{self._count:03}.ipynb"
        (self.server.root_dir / path).write_text(json.dumps(notebook(case)))
        pages = await self._take_pages(2 if case.second_browser else 1)
        try:
            async with asyncio.timeout(_CASE_TIMEOUT_S):
                if way is None:
                    return await self._show(case, path, pages, pages)
                return await self._show_run(case, path, pages, way, watched=watched or needs_browser(case))
        except BaseException:
            # Whatever the page was at, the next case begins with a new one.
            for page in pages:
                await page.discard()
            raise

    async def _show_run(self, case: Case, path: str, pages: list[LabPage], kind: type[Way], *, watched: bool) -> Shown:
        way = kind(self.server, path)
        try:
            return await self._show(
                case, path, pages, [Watching(each, way) for each in pages] if watched else [Alone(way)]
            )
        finally:
            await way.close()

    async def _show(self, case: Case, path: str, pages: list[LabPage], seats: Sequence[Seat]) -> Shown:
        is_alone = isinstance(seats[0], Alone)
        for page in () if is_alone else pages:
            await page.open(path)
        for step in case.steps:
            await step.act(seats)
        for seat in seats:
            await seat.settle()
        if is_alone:
            await pages[0].open(path)
            await pages[0].settle()
        await pages[0].call("save")
        saved = nbformat.read(self.server.root_dir / pages[0].path, as_version=nbformat.NO_CONVERT)
        for page in pages:
            await page.show_all()
        views = [await page.snapshot() for page in pages]
        document = await pages[0].call("document")
        errors = [error for page in pages for error in page.errors]
        for page in reversed(pages):
            await page.close(shut_down=page is pages[0])
        return Shown(json.loads(json.dumps(saved)), views, document, errors)

    async def _take_pages(self, count: int) -> list[LabPage]:
        while len(self._pages) < count:
            context = await self._browser.new_context(viewport=_VIEWPORT)  # type: ignore[arg-type]
            self._pages.append(LabPage(self.server, context))
        return self._pages[:count]


def needs_browser(case: Case) -> bool:
    """Whether a case is more than running cells."""
    return case.second_browser or not all(isinstance(step, _NEED_NO_BROWSER) for step in case.steps)


def notebook(case: Case) -> dict[str, Any]:
    """The case's notebook as it lies on disk before anybody opens it."""
    cells = [_cell(cell, index, case.minor) for index, cell in enumerate(case.cells)]
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernelspec}, "nbformat": 4, "nbformat_minor": case.minor}


def _cell(given: str | Cell, index: int, minor: int) -> dict[str, Any]:
    cell = Cell(given) if isinstance(given, str) else given
    written: dict[str, Any] = {"cell_type": cell.kind, "metadata": cell.metadata, "source": cell.source}
    if minor >= 5:
        written["id"] = f"cell-{index}"
    if cell.kind == "code":
        written |= {"outputs": list(cell.outputs), "execution_count": cell.execution_count}
    if cell.attachments is not None:
        written["attachments"] = cell.attachments
    return written
