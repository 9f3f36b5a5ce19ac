"""The two systems, started once for all cases."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from jupyter_crdt_outputs.testing.server import LabServer

playwright = pytest.importorskip("playwright.async_api", reason="needs Playwright for Python")

from .cases import CASES  # noqa: E402
from .lab_page import CHROMIUM_FLAGS  # noqa: E402
from .system import Shown, System  # noqa: E402

# Compare stock with stock: what fails then is the harness, or a notebook that is not the same in every run.
BOTH_STOCK = os.environ.get("CRDT_OUTPUTS_DIFFERENTIAL") == "both-stock"


_CONFIG: dict[str, dict[str, object]] = {
    "LabApp": {"expose_app_in_browser": True},
    # Stock drops output that comes too fast. Only what it does show can be compared.
    "ZMQChannelsWebsocketConnection": {"limit_rate": False},
    "KernelManager": {"shutdown_wait_time": 1.0},
}


@dataclass(frozen=True)
class Systems:
    """Stock JupyterLab with collaboration, and the same with this extension."""

    stock: System
    ours: System
    _shown: dict[str, Shown] = field(default_factory=dict)

    async def stock_shows(self, name: str) -> Shown:
        """A case in stock JupyterLab, which is asked once: others compare with the same."""
        if name not in self._shown:
            self._shown[name] = await self.stock.show(CASES[name])
        return self._shown[name]

    def forget(self, name: str) -> None:
        """Ask stock again the next time."""
        self._shown.pop(name, None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def systems(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Systems]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("these tests need Chromium on PATH")
    servers = [
        LabServer(_home(tmp_path_factory, name), with_us=with_us, config=_CONFIG)
        for name, with_us in (("stock", False), ("ours", not BOTH_STOCK))
    ]
    try:
        await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
        async with playwright.async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
            stock, ours = (System(server, browser) for server in servers)
            yield Systems(stock, ours)
            await browser.close()
    finally:
        await asyncio.gather(*(asyncio.to_thread(server.stop) for server in servers))


def _home(factory: pytest.TempPathFactory, name: str) -> Path:
    return factory.mktemp(name)
