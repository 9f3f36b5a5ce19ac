"""Outputs that would take a page long to fetch and to lay out."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, Request, expect
from tab import Open, Tab, Write, long

from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.testing.server import LabServer

# What pandas writes of a data frame; more than five megabytes of it.
TABLE = """
from IPython.display import display
style = ".dataframe tbody tr th { vertical-align: top; } .dataframe thead th { text-align: right; }"
def row(tag, index, cells):
    cells = "".join(f"      <{tag}>{cell}</{tag}>\\n" for cell in cells)
    return f"    <tr>\\n      <th>{index}</th>\\n{cells}    </tr>\\n"
head = row("th", "", (f"column {c}" for c in range(6)))
body = "".join(row("td", n, (f"{n * (c + 1) / 7:.6f}" for c in range(6))) for n in range(30_000))
table = f"<thead>\\n{head}  </thead>\\n  <tbody>\\n{body}  </tbody>"
table = f"<div>\\n<style scoped>{style}</style>\\n<table border='1' class='dataframe'>\\n  {table}\\n</table>\\n</div>"
for n in range(8):
    display({"text/plain": f"before {n}"}, raw=True)
display({"text/html": table, "text/plain": "a table as text"}, raw=True)
for n in range(3):
    display({"text/plain": f"after {n}"}, raw=True)
"""
ROWS = 30_000
FEW_BYTES = 200_000


class Fetched:
    """What a page has fetched of artifacts since this was made."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._begun: list[Request] = []
        self._done: list[Request] = []
        page.on("request", lambda request: self._add(self._begun, request))
        page.on("requestfinished", lambda request: self._add(self._done, request))

    def _add(self, requests: list[Request], request: Request) -> None:
        if "/artifacts/" in request.url:
            requests.append(request)

    def bytes(self) -> int:
        """All bytes of all answers, when the last of them is there."""
        while len(self._done) < len(self._begun):
            self._page.wait_for_timeout(50)
        return sum(request.sizes()["responseBodySize"] for request in self._done)


def top_of(page: Page, text: str) -> float:
    """Where on the screen an output of this very text is."""
    box = page.locator(".jp-OutputArea-output", has_text=re.compile(f"^{text}$")).bounding_box()
    assert box is not None
    return box["y"]


def look_of(tab: Tab) -> Any:
    """How high a row of the table is, and how its cells are aligned."""
    return tab.output(0).evaluate(
        """output => [...output.querySelectorAll("thead th, tbody tr:nth-child(4) > *")].map(cell => {
            const { textAlign, verticalAlign, fontWeight, backgroundColor } = getComputedStyle(cell);
            return [cell.textContent, cell.offsetHeight, textAlign, verticalAlign, fontWeight, backgroundColor];
        })"""
    )


def use_theme(tab: Tab, name: str) -> None:
    """Change the colours of JupyterLab."""
    tab.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => undefined)", name
    )
    expect(tab.page.locator("body")).to_have_attribute("data-jp-theme-name", name)
    expect(tab.page.locator("#jupyterlab-splash")).to_have_count(0)


@long
def test_of_a_large_table_the_first_rows_are_there_and_the_others_when_they_are_asked_for(
    write: Write, open_tab: Open
) -> None:
    path = write(TABLE)
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    by_ada, by_bob = Fetched(ada.page), Fetched(bob.page)
    ada.run_all()
    for tab in (ada, bob):
        tab.show(0)
        output = tab.output(0)
        expect(output.locator("tbody tr")).to_have_count(20)
        expect(output.locator("thead th")).to_have_count(7)
        expect(output).to_contain_text(re.compile(r"First 20 rows of a table of [5-9]\.\d+ MB"))
    assert 0 < by_ada.bytes() <= FEW_BYTES
    assert 0 < by_bob.bytes() <= FEW_BYTES
    ada.photograph("large-table-light")
    use_theme(ada, "JupyterLab Dark")
    ada.photograph("large-table-dark")
    use_theme(ada, "JupyterLab Light")
    look = look_of(ada)
    button = ada.output(0).get_by_role("button", name="Show all")
    button.scroll_into_view_if_needed()
    before = top_of(ada.page, "before 5")
    button.click()
    expect(ada.output(0).locator("tbody tr")).to_have_count(ROWS, timeout=90_000)
    assert abs(top_of(ada.page, "before 5") - before) <= 1
    assert by_ada.bytes() > 5_000_000
    assert look_of(ada) == look
    ada.photograph("large-table-whole")
    expect(bob.output(0).locator("tbody tr")).to_have_count(20)
    assert ada.complaints == []
    assert bob.complaints == []


@pytest.mark.parametrize("kind", ["html", pytest.param("json", marks=long)])
def test_two_hundred_megabytes_are_not_fetched_unasked_and_the_page_can_be_used(
    kind: str, server: LabServer, open_tab: Open
) -> None:
    line = "<tr><td>0123456789</td></tr>\n"
    data = {
        "html": {"text/html": "<table>\n" + line * (200_000_000 // len(line)) + "</table>"},
        "json": {"application/json": [line * 100] * 70_000, "text/plain": "<IPython.core.display.JSON object>"},
    }
    offloaded = offload({"output_type": "display_data", "data": data[kind], "metadata": {}}, Policy())
    open_store(str(server.data_dir / "crdt-outputs")).put_many(list(offloaded.artifacts.values()))
    path = f"huge-{kind}.ipynb"
    outputs = [nbformat.from_dict(offloaded.output)]
    cells = [new_code_cell("1 + 1", id="cell-0", outputs=outputs), new_code_cell("print('quick')", id="cell-1")]
    kernelspec = {"name": "python3", "display_name": "python3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), server.root_dir / path)
    ada = open_tab(path, "ada")
    by_ada = Fetched(ada.page)
    expect(ada.show(0)).to_contain_text("0123456789")
    expect(ada.output(0)).to_contain_text(re.compile(r"2[0-2]\d MB"))
    expect(ada.output(0).get_by_role("button", name="Show all")).to_be_visible()
    ada.photograph(f"large-{kind}-200-mb")
    ada.cell(1).locator(".cm-content").click()
    ada.page.keyboard.press("Control+Enter")
    expect(ada.output(1)).to_contain_text("quick")
    assert by_ada.bytes() <= FEW_BYTES
    assert ada.complaints == []
