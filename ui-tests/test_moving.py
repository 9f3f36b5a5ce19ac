"""Cells that are dragged and pasted into other notebooks, and notebooks that come to a server without their outputs."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect
from tab import Tab

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.testing.server import LabServer
from tests.notebooks.cells import METADATA, code, notebook
from tests.notebooks.outputs import display, png

CONFIG = {"LabApp": {"expose_app_in_browser": True}}
WIDTHS = (60, 70)
OPEN_BESIDE = """async path => {
    const panel = await window.jupyterapp.commands.execute(
        'docmanager:open', { path, factory: 'Notebook', options: { mode: 'split-right' } });
    await panel.context.ready;
    await panel.revealed;
}"""
FOCUS = """([which, cell]) => {
    const panels = [...window.jupyterapp.shell.widgets('main')];
    const panel = panels.find(panel => panel.context?.path === which);
    window.jupyterapp.shell.activateById(panel.id);
    panel.content.activeCellIndex = cell;
}"""


@pytest.fixture(scope="module")
def servers(server: LabServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabServer, LabServer]]:
    """Two that know nothing of each other, with cells on the system's clipboard."""
    with LabServer(tmp_path_factory.mktemp("stranger"), config=CONFIG) as stranger, ExitStack() as stack:
        for each in (server, stranger):
            settings = each.home / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text('{"useSystemClipboardForCells": true}')
            stack.callback(settings.unlink)
        yield server, stranger


@pytest.fixture
def opened(browser: Browser) -> Iterator[Any]:
    """``opened(server, path)`` is a browser with the notebook, that may use the clipboard."""
    tabs: list[Tab] = []

    def open_notebook(server: LabServer, path: str) -> Tab:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        tabs.append(Tab(context, server, path, f"{Path(path).stem}-user"))
        return tabs[-1]

    yield open_notebook
    for tab in tabs:
        tab.close()


def write(server: LabServer, name: str, *widths: int, file_max_bytes: int | None = None) -> str:
    """A notebook with a picture of each width, none of which any server has seen, not even at a former try."""
    path = f"{name}-{token_hex(4)}.ipynb"
    cells = [
        code(
            display({"image/png": base64.b64encode(png(random.Random(), width)).decode()}),
            source=f"picture{width}",
            metadata={"trusted": True},
        )
        for width in widths
    ]
    made = notebook(
        *cells, code(source="last"), metadata={**METADATA, "crdt-outputs": {"file_max_bytes": file_max_bytes}}
    )
    nbformat.write(nbformat.from_dict(made), server.root_dir / path)
    return path


def saved_digests(server: LabServer, path: str) -> list[str]:
    return re.findall(r'"sha256": "([0-9a-f]{64})"', (server.root_dir / path).read_text())


def test_cells_that_are_pasted_and_dragged_into_another_notebook_show_their_outputs(
    servers: tuple[LabServer, LabServer], opened: Any
) -> None:
    one, _ = servers
    source, target = write(one, "source", *WIDTHS), write(one, "target")
    tab = opened(one, source)
    tab.page.evaluate(OPEN_BESIDE, target)
    there = panel(tab, 1)
    expect(there.locator(".jp-CodeCell")).to_have_count(1)
    tab.page.evaluate(FOCUS, [source, 0])
    tab.command("notebook:copy-cell")
    tab.page.evaluate(FOCUS, [target, 0])
    tab.command("notebook:paste-cell-below")
    tab.command("notebook:duplicate-below")
    expect(there.locator(".jp-CodeCell")).to_have_count(3)
    drag(tab, panel(tab, 0).locator(".jp-CodeCell").nth(1), there.locator(".jp-CodeCell").nth(0))
    expect(there.locator(".jp-CodeCell")).to_have_count(4)
    for index in range(3):
        there.locator(".jp-CodeCell img").nth(index).scroll_into_view_if_needed()
        tab.expect_stored_image(there.locator(".jp-CodeCell img").nth(index))
    assert widths(there) == [WIDTHS[1], WIDTHS[0], WIDTHS[0]]
    tab.photograph("moving-pasted-and-dragged")
    tab.page.evaluate(FOCUS, [target, 0])
    tab.command("docmanager:save")
    saved = nbformat.read(one.root_dir / target, 4)
    nbformat.validate(saved)
    pictures = [output.data["image/png"] for cell in saved.cells for output in cell.outputs]
    assert len(pictures) == 3
    assert len(set(pictures)) == 2
    assert tab.complaints == []


def test_outputs_of_another_server_say_how_to_fetch_them_and_come_with_one_press(
    servers: tuple[LabServer, LabServer], opened: Any
) -> None:
    one, two = servers
    path = write(one, "mine", *WIDTHS, file_max_bytes=256)
    mine = opened(one, path)
    mine.page.evaluate(FOCUS, [path, 2])
    mine.page.evaluate("() => window.jupyterapp.shell.currentWidget.model.sharedModel.cells[2].setSource('edited')")
    mine.command("docmanager:save")
    mine.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.model.dirty")
    wait_for(mine, lambda: len(saved_digests(one, path)) == 2)
    complete = (one.root_dir / path).read_text().replace('"file_max_bytes": 256', '"file_max_bytes": null')
    (two.root_dir / path).write_text(complete)
    theirs = opened(two, path)
    theirs.page.evaluate(FOCUS, [path, 2])
    mine.page.evaluate(FOCUS, [path, 0])
    mine.command("notebook:copy-cell")
    theirs.page.evaluate(
        "text => navigator.clipboard.writeText(text)", mine.page.evaluate("() => navigator.clipboard.readText()")
    )
    theirs.command("notebook:paste-cell-below")
    for index in (0, 1, 3):
        notice = theirs.show(index).locator(".jp-CrdtOutput-notice")
        expect(notice).to_contain_text("image/png")
        expect(notice).to_contain_text("jupyter crdt-outputs pull")
        expect(theirs.output(index)).not_to_be_empty()
    theirs.photograph("moving-missing")
    theirs.command("docmanager:save")
    wait_for(theirs, lambda: len(saved_digests(two, path)) == 3)
    nbformat.validate(nbformat.read(two.root_dir / path, 4))
    pull(two, path, one)
    theirs.output(3).get_by_role("button", name="Retry").click()
    for index in (0, 1, 3):
        theirs.expect_stored_image(theirs.show(index).locator("img"))
    theirs.photograph("moving-pulled")
    theirs.page.evaluate("() => window.jupyterapp.shell.currentWidget.model.sharedModel.cells[2].setSource('edited')")
    theirs.command("docmanager:save")
    wait_for(theirs, lambda: REFERENCE_MIME_TYPE not in (two.root_dir / path).read_text())


def panel(tab: Tab, number: int) -> Locator:
    return tab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").nth(number)


def widths(notebook: Locator) -> list[int]:
    found: list[int] = notebook.locator(".jp-CodeCell img").evaluate_all("all => all.map(img => img.naturalWidth)")
    return found


def drag(tab: Tab, cell: Locator, onto: Locator) -> None:
    """As a hand does it: by the prompt, with some way in between."""
    start, end = cell.locator(".jp-InputPrompt").bounding_box(), onto.bounding_box()
    assert start is not None
    assert end is not None
    mouse = tab.page.mouse
    mouse.move(start["x"] + 10, start["y"] + 10)
    mouse.down()
    for step in range(1, 11):
        share = step / 10
        x = start["x"] + 10 + (end["x"] + 100 - start["x"] - 10) * share
        y = start["y"] + 10 + (end["y"] + 10 - start["y"] - 10) * share
        mouse.move(x, y)
    mouse.up()


def wait_for(tab: Tab, condition: Any) -> None:
    for _ in range(300):
        if condition():
            return
        tab.page.wait_for_timeout(100)
    raise AssertionError("it did not come about")


def pull(server: LabServer, path: str, source: LabServer) -> None:
    """What a user types into a terminal of the server."""
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(server.home / "config"),
        "JUPYTER_DATA_DIR": str(server.data_dir),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    command = [sys.executable, "-m", "jupyter_crdt_outputs.tools.cli", "pull", "--json", str(server.root_dir / path)]
    done = subprocess.run(
        [*command, "--from", str(source.data_dir / "crdt-outputs")], env=environment, check=True, capture_output=True
    )
    assert json.loads(done.stdout)["pulled"] == 2
