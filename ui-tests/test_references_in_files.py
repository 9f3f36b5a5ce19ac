"""The switch in the File menu that keeps large outputs out of the notebook's file."""

from __future__ import annotations

from typing import Any

import nbformat
from playwright.sync_api import Locator, expect
from tab import Open, Tab, Write

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE

LARGE = "display({'text/html': '<i>' + 'x' * 2_000_000}, raw=True)"
SMALL = "display({'text/html': '<b>' + 'y' * 20_000}, raw=True)"

NOTEBOOK = "window.jupyterapp.shell.currentWidget.model.sharedModel"
SWITCH = "crdt-outputs"


def switch(tab: Tab) -> Locator:
    """The item of the File menu, which is open then."""
    tab.page.locator(".lm-MenuBar-itemLabel", has_text="File").first.click()
    return tab.page.locator(".lm-Menu-item", has_text="Keep Large Outputs out of the File")


def saved(tab: Tab) -> list[dict[str, Any]]:
    tab.command("docmanager:save")
    notebook = nbformat.read(tab.server.root_dir / tab.path, 4)
    nbformat.validate(notebook)
    return [cell.outputs[0].data for cell in notebook.cells]


def test_the_switch_changes_what_the_next_save_writes_and_everybody_sees_it(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(LARGE, SMALL), "ada")
    ada.run_all()
    item = switch(ada)
    expect(item).to_be_visible()
    expect(item).not_to_have_attribute("aria-checked", "true")
    item.click()
    large, small = saved(ada)
    assert large.keys() == {REFERENCE_MIME_TYPE, "text/plain"}
    assert large["text/plain"].startswith("[text/html, 2.0 MB] is kept by jupyter-crdt-outputs, not in this file")
    assert len(small["text/html"]) == 20_003
    bob = open_tab(ada.path, "bob")
    expect(switch(bob)).to_have_attribute("aria-checked", "true")
    bob.photograph("keep_out_of_file")
    bob.page.keyboard.press("Escape")
    switch(ada).click()
    bob.page.wait_for_function(f"() => !({SWITCH!r} in {NOTEBOOK}.metadata)")  # an open menu does not change
    expect(switch(bob)).not_to_have_attribute("aria-checked", "true")
    bob.page.keyboard.press("Escape")
    large, _ = saved(bob)
    assert len(large["text/html"]) == 2_000_003
    assert SWITCH not in nbformat.read(ada.server.root_dir / ada.path, 4).metadata
    assert ada.complaints == bob.complaints == []
