"""One user's browser with one notebook open in JupyterLab."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, expect

from jupyter_crdt_outputs.testing.server import LabServer

SCREENSHOTS = Path(__file__).parent / "screenshots"

long = pytest.mark.skipif(os.environ.get("CRDT_OUTPUTS_LONG") != "1", reason="CI has no time for it")

EXPECTED_ON_CONSOLE = (
    # Stock JupyterLab asks for language servers although the test server has that extension switched off.
    re.compile(r"status of 404 .*/lsp/status"),
    # Stock JupyterLab too, in every browser but the one that began a widget's conversation with the kernel.
    re.compile(r"^Comm not found for comm id"),
    # Stock JupyterLab again, when a kernel is restarted that its debugger is asking something.
    re.compile(r"^Could not restore the debugger state"),
)


class Tab:
    """JupyterLab in a browser context of its own, so that no tab is hidden behind another and throttled.

    Args:
        context: the browser context; this object closes it.
        server: where JupyterLab is.
        path: the notebook, relative to the server's root.
        user: names the workspace, so that two users' layouts do not mix.

    Attributes:
        complaints: every error on the console that is not expected in stock JupyterLab as well.
    """

    def __init__(self, context: BrowserContext, server: LabServer, path: str, user: str) -> None:
        self.complaints: list[str] = []
        self.server = server
        self.path = path
        self._context = context
        self._address = f"{server.url}lab/workspaces/{user}/tree/{path}?token={server.token}"
        self.page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.load()

    def load(self) -> None:
        """Load the page, as at first, and wait until the notebook has its document and its kernel."""
        self.page.goto(self._address)
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext !== undefined")
        self.page.evaluate(
            """async () => {
                const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
                await Promise.all([window.jupyterapp.restored, context.ready, sessionContext.ready]);
                await sessionContext.session.kernel.info;
            }"""
        )
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def run_all(self) -> None:
        """Run every cell and return when the last is done."""
        self.command("notebook:run-all-cells")

    def start_all(self) -> None:
        """Ask for every cell to be run and return at once."""
        self.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def command(self, name: str) -> None:
        """Execute a command of JupyterLab and wait for its end."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name).then(() => undefined)", name)

    def document(self) -> Any:
        """The shared document as this browser holds it, as nbformat JSON."""
        return self.page.evaluate("() => window.jupyterapp.shell.currentWidget.model.sharedModel.toJSON()")

    def cell(self, index: int) -> Locator:
        """The code cell of this index, from 0."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def output(self, index: int) -> Locator:
        """Everything that the code cell has put out."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def count(self, index: int) -> Locator:
        """The prompt that shows the execution count, such as ``[3]:``."""
        return self.cell(index).locator(".jp-InputPrompt")

    def show(self, index: int) -> Locator:
        """Scroll to the outputs of a code cell as a reader does, and return them."""
        self.cell(index).scroll_into_view_if_needed()
        self.output(index).evaluate("area => area.scrollIntoView({ block: 'nearest' })")
        return self.output(index)

    def expect_stored_image(self, image: Locator, *, width: int | None = None) -> None:
        """See that an image is there, that it is fetched from the store, and its pixels too."""
        expect(image).to_have_attribute("src", re.compile("/api/crdt-outputs/artifacts/[0-9a-f]{64}"))
        self.expect_image(image, width=width)

    def expect_image(self, image: Locator, *, width: int | None = None) -> None:
        """See that an image is there, and its pixels too, *width* of them in a row if that is known."""
        expect(image).to_be_visible()
        self.page.wait_for_function(
            "([img, width]) => img.complete && (width === null ? img.naturalWidth > 0 : img.naturalWidth === width)",
            arg=[image.element_handle(), width],
        )

    def photograph(self, name: str) -> None:
        """Keep a picture of the window in ``screenshots/``."""
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def close(self) -> None:
        """Close the browser, as a user does who goes home. Idempotent."""
        self._context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(pattern.search(text) for pattern in EXPECTED_ON_CONSOLE):
            self.complaints.append(text)


Write = Callable[..., str]
"""``write(*sources, kernel="python3")`` makes a notebook of code cells, and gives its path."""

Open = Callable[[str, str], Tab]
"""``open_tab(path, user)`` opens a notebook in a new browser."""
