"""The demo notebook, as somebody sees it who has just typed the README's first command."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import expect
from tab import Open

from jupyter_crdt_outputs.testing.server import LabServer

NOTEBOOK = Path(__file__).resolve().parent.parent / "demo" / "demo.ipynb"
SETUP, MATPLOTLIB, MEGABYTE, PLOTLY, SVG, PANDAS, SMALL, PROGRESS, LOG, INTERACT, WIDGET = range(11)


def test_the_demo_notebook_looks_as_it_should_in_two_browsers(server: LabServer, open_tab: Open) -> None:
    shutil.copy(NOTEBOOK, server.root_dir)
    ada, bob = open_tab(NOTEBOOK.name, "ada"), open_tab(NOTEBOOK.name, "bob")
    ada.run_all()
    bob.load()  # A guest's page trusts SVG and widgets once it is loaded again, as in stock JupyterLab.
    for name, tab in (("ada", ada), ("bob", bob)):
        expect(tab.count(WIDGET)).to_have_text("[11]:")
        tab.expect_stored_image(tab.show(MATPLOTLIB).locator("img"))
        tab.photograph(f"demo-{name}-1-matplotlib")
        tab.expect_stored_image(tab.show(MEGABYTE).locator("img"))
        expect(tab.show(PLOTLY).locator(".js-plotly-plot .main-svg").first).to_be_visible()
        tab.photograph(f"demo-{name}-2-plotly")
        expect(tab.show(SVG).locator("svg circle, img").first).to_be_visible()
        tab.photograph(f"demo-{name}-3-svg")
        expect(tab.show(PANDAS).locator("tbody tr")).to_have_count(150)
        tab.photograph(f"demo-{name}-4-pandas")
        expect(tab.show(SMALL)).to_contain_text("The mean of A is")
        expect(tab.show(PROGRESS).locator("pre")).to_contain_text("100 %")
        expect(tab.show(LOG)).to_contain_text("epoch 19999")
        tab.photograph(f"demo-{name}-5-log")
        expect(tab.show(INTERACT).locator(".widget-slider, .jupyter-widget-slider").first).to_be_visible()
        expect(tab.show(WIDGET)).to_contain_text("done")
        tab.photograph(f"demo-{name}-6-widgets")
        assert tab.complaints == []
