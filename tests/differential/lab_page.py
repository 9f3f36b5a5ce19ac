"""A real JupyterLab in a real browser, driven through the application's own commands."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page

from jupyter_crdt_outputs.testing.server import LabServer

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)

_DRIVER = Path(__file__).with_name("page.js").read_text()
_POLL_S = 0.06
_STEADY_POLLS = 5


class LabPage:
    """One browser window with JupyterLab, and at most one notebook open in it.

    Attributes:
        errors: what the page's console reported as errors since the notebook was opened.
    """

    def __init__(self, server: LabServer, context: BrowserContext) -> None:
        self.path = ""
        self.errors: list[str] = []
        self._server = server
        self._context = context
        self._page: Page | None = None

    async def open(self, path: str) -> None:
        """Open the notebook at *path* and wait for its kernel. Loads JupyterLab itself the first time."""
        if self._page is None:
            self._page = await self._load()
        self.errors.clear()
        self.path = path
        await self.call("open", path)

    async def close(self, *, shut_down: bool) -> None:
        """Close the notebook, and end its kernel if *shut_down*."""
        await self.call("close", shut_down)

    async def discard(self) -> None:
        """Throw the window away, whatever state it is in; the next :meth:`open` begins with a new one."""
        if self._page is not None:
            await self._page.close()
            self._page = None

    async def command(self, command: str, cell: int | None = None) -> None:
        """Execute a command of JupyterLab without waiting for its end, with *cell* made active first."""
        await self.call("execute", command, cell)

    async def answer(self, text: str) -> None:
        """Answer the question that a cell asks, or will ask."""
        item = await self._window().wait_for_selector(".jp-OutputArea-stdin-item:not(.jp-OutputArea-stdin-hiding)")
        assert item is not None
        field = await item.wait_for_selector("input")
        assert field is not None
        while await item.evaluate("item => item.isConnected && !item.classList.contains('jp-OutputArea-stdin-hiding')"):
            # A key that comes before the widget listens is lost.
            await field.fill(text)
            await field.press("Enter")
            await asyncio.sleep(_POLL_S)

    async def rename(self, suffix: str) -> None:
        """Rename the notebook's file."""
        self.path = self.path.removesuffix(".ipynb") + f"-{suffix}.ipynb"
        await self.call("rename", self.path)

    async def await_text(self, text: str) -> None:
        """Wait until an output shows *text*."""
        await self._window().wait_for_function("text => crdtOutputsTest.shows(text)", arg=text)

    async def settle(self) -> None:
        """Wait until no cell runs, the kernel is idle, nothing loads, and document and view have stopped changing."""
        steady, before = 0, None
        while steady < _STEADY_POLLS:
            await asyncio.sleep(_POLL_S)
            busy, now = await self.call("busy"), await self.call("fingerprint")
            steady = steady + 1 if now == before and not busy else 0
            before = now

    async def show_all(self) -> None:
        """Bring every output into view once, so that what loads lazily is loaded."""
        if await self.call("scroll"):
            await self.settle()

    async def snapshot(self) -> dict[str, Any]:
        """What the notebook shows: each cell, as ``snapshot()`` of ``page.js`` says, and the text inside of frames."""
        frames = []
        for element in await self._window().query_selector_all(".jp-OutputArea-child iframe"):
            frame = await element.content_frame()
            frames.append(await frame.evaluate("() => document.body.innerText") if frame else "no frame")
        return {"cells": await self.call("snapshot"), "frames": frames}

    async def call(self, function: str, *arguments: object) -> Any:
        """Call a function of ``page.js``."""
        return await self._window().evaluate(
            "([name, given]) => crdtOutputsTest[name](...given)", [function, list(arguments)]
        )

    def _window(self) -> Page:
        assert self._page is not None, "open() comes first"
        return self._page

    async def _load(self) -> Page:
        page = await self._context.new_page()
        await page.goto(f"{self._server.url}lab?reset&token={self._server.token}")
        await page.wait_for_function("() => window.jupyterapp !== undefined")
        await page.evaluate("() => window.jupyterapp.restored.then(() => undefined)")
        await page.evaluate(_DRIVER)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        return page

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)
