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

    def item(name: str) -> Locator:
        return tab.page.locator(".lm-Menu-item").filter(has=tab.page.get_by_text(name, exact=True))

    tab.page.get_by_role("menubar").get_by_role("menuitem", name=names[0], exact=True).click()
    for name in names[1:-1]:
        item(name).hover()
    return item(names[-1])


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

    ada.page.locator(".jp-DirListing-item", has_text=path.name).click(button="right")
    expect(ada.page.get_by_role("menuitem", name=ITEM)).to_be_visible()
    ada.photograph("download-in-the-file-browser")
    with ada.page.expect_download() as waiting:
        ada.page.get_by_role("menuitem", name=ITEM).click()
    assert notebook_of(waiting.value).cells[0].outputs[0].text == LINES

    # JupyterLab opens a window on what it exports, which a test is better off without.
    ada.page.evaluate("() => { window.exported = []; window.open = address => { window.exported.push(address); }; }")
    for kind, name, text in (("html", "HTML", "line 2500\n"), ("markdown", "Markdown", "    line 2500\n")):
        menu(ada, "File", "Save and Export Notebook As", name).click()
        if kind == "html":
            ada.page.get_by_role("button", name="Ok").click()  # to sanitize it
        ada.page.wait_for_function("() => window.exported.length > 0")
        address = str(ada.page.evaluate("() => window.exported.pop()"))
        assert address.startswith(f"{server.url}nbconvert/{kind}/{path.name}?download=true")
        assert text in server.request(address.removeprefix(server.url)).decode()
