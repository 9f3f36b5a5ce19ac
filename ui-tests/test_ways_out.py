"""What leaves JupyterLab is complete: the download of a notebook, and its exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Download, Locator, expect
from tab import Open, Tab, Write

from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.testing.server import LabServer

PRINT = "for n in range(5000): print('line', n)"
LINES = "".join(f"line {n}\n" for n in range(5000))
ITEM = "Download Complete Notebook"


def menu(tab: Tab, *names: str) -> Locator:
    """Open a menu, and then those within it; the last item is not chosen."""
    tab.page.get_by_role("menubar").get_by_role("menuitem", name=names[0], exact=True).click()
    for name in names[1:-1]:
        tab.page.get_by_role("menuitem", name=name).hover()
    return tab.page.get_by_role("menuitem", name=names[-1], exact=True)


def notebook_of(download: Download) -> Any:
    return nbformat.read(Path(str(download.path())), as_version=4)


def test_the_file_menu_downloads_the_complete_notebook_with_what_was_not_yet_saved(
    write: Write, open_tab: Open, server: LabServer
) -> None:
    ada = open_tab(write(PRINT, "'as it was'"), "ada")
    ada.run_all()
    ada.page.evaluate("() => window.jupyterapp.shell.currentWidget.model.cells.get(1).sharedModel.setSource('new')")
    item = menu(ada, "File", ITEM)
    expect(item).to_be_visible()
    ada.photograph("download-complete-notebook")
    with ada.page.expect_download() as waiting:
        item.click()
    notebook = notebook_of(waiting.value)
    assert waiting.value.suggested_filename == ada.path
    assert notebook.cells[0].outputs[0].text == LINES
    assert notebook.cells[1].source == "new"
    nbformat.validate(notebook)


def test_a_file_with_references_is_downloaded_and_exported_in_full(
    write: Write, open_tab: Open, server: LabServer
) -> None:
    path = server.root_dir / write(PRINT, "plot()")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text=LINES)]
    store = open_store(str(server.data_dir / "crdt-outputs"))
    thin = Archive(store, Policy()).offload_notebook(notebook)
    path.write_text(json.dumps(thin))
    ada = open_tab(path.name, "ada")
    asked: list[str] = []
    ada.page.context.on("request", lambda request: asked.append(f"{request.method} {request.url}"))

    ada.page.locator(".jp-DirListing-item", has_text=path.name).click(button="right")
    expect(ada.page.get_by_role("menuitem", name=ITEM)).to_be_visible()
    ada.photograph("download-in-the-file-browser")
    with ada.page.expect_download() as waiting:
        ada.page.get_by_role("menuitem", name=ITEM).click()
    assert notebook_of(waiting.value).cells[0].outputs[0].text == LINES

    for form, text in (("HTML", "line 2500\n"), ("Markdown", "    line 2500\n")):
        ada.cell(0).click()
        with ada.page.context.expect_event("page") as opened:
            menu(ada, "File", "Save and Export Notebook As", form).click()
        download = opened.value.wait_for_event("download")
        assert text in Path(str(download.path())).read_text()
    expected = [f"GET {server.url}nbconvert/{kind}/{path.name}?download=true" for kind in ("html", "markdown")]
    assert [each for each in asked if "/nbconvert/" in each and "/api/" not in each] == expected
