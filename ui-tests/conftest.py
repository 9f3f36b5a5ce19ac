"""A server, Chromium, and as many users' browsers as a test asks for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, expect, sync_playwright
from tab import Open, Tab, Write

from devtools import system
from jupyter_crdt_outputs.testing.server import LabServer

CONFIG = {"LabApp": {"expose_app_in_browser": True}}
LabServer.is_forked = True
VIEWPORT = (1280, 1000)
FLAGS = ["--disable-gpu", "--disable-quic"]  # Beside those that Playwright gives of itself.

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab with collaboration and this extension."""
    with LabServer(tmp_path_factory.mktemp("server"), config=CONFIG) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=system.chromium(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Of notebooks: a test that is tried again must not find the kernel that its former try has left."""
    return itertools.count(1)


@pytest.fixture
def write(server: LabServer, numbers: Iterator[int], request: pytest.FixtureRequest) -> Write:
    """``write(*sources)`` makes a notebook of code cells, and gives its path."""

    def write_notebook(*sources: str, kernel: str = "python3") -> str:
        path = f"{request.node.originalname[5:45]}-{next(numbers)}.ipynb"
        cells = [new_code_cell(source, id=f"cell-{index}") for index, source in enumerate(sources)]
        kernelspec = {"name": kernel, "display_name": kernel}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), server.root_dir / path)
        return path

    return write_notebook


@pytest.fixture
def open_tab(server: LabServer, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """``open_tab(path, user)`` opens a notebook in a new browser. All are closed at the end."""
    tabs: list[Tab] = []

    def open_notebook(path: str, user: str) -> Tab:
        context = browser.new_context(viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]})
        tabs.append(Tab(context, server, path, f"{Path(path).stem}-{user}"))
        return tabs[-1]

    yield open_notebook
    for tab in tabs:
        tab.close()
