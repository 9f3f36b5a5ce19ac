"""Previous runs of a cell: seen, compared, and put back."""

from __future__ import annotations

import nbformat
from playwright.sync_api import Locator, expect
from tab import Open, Tab, Write, long

from jupyter_crdt_outputs.testing.server import LabServer

PLOT = """
try:
    n += 1
except NameError:
    n = 1
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
fig, ax = plt.subplots(figsize=(4, 3))
ax.bar(["a", "b", "c"], [n, 2, 4 - n])
display(fig)
plt.close(fig)
display(pd.DataFrame({"name": [f"row {i}" for i in range(12)], "value": [i * (n if i == 5 else 1) for i in range(12)]}))
for i in range(40):
    print("line", i, "of run" if i == 20 else "", n if i == 20 else "")
"""


def view(tab: Tab) -> Locator:
    return tab.page.locator(".jp-CrdtPrevious")


def runs(tab: Tab) -> Locator:
    return view(tab).get_by_role("checkbox")


def choose(tab: Tab, way: str) -> None:
    view(tab).get_by_role("radio", name=way, exact=True).click()


def restore_buttons(tab: Tab) -> Locator:
    return view(tab).get_by_role("button", name="Restore These Outputs")


def test_three_runs_of_a_plot_are_compared_and_one_is_put_back(server: LabServer, write: Write, open_tab: Open) -> None:
    path = write(PLOT)
    ada = open_tab(path, "ada")
    for _ in range(3):
        ada.run_all()
    ada.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    ada.cell(0).locator(".jp-InputPrompt").click(button="right")
    ada.page.get_by_role("menuitem", name="Previous Runs of This Cell…").click()
    expect(runs(ada)).to_have_count(3)
    expect(view(ada).locator(".jp-CrdtPrevious-run").first).to_contain_text("In the notebook")
    expect(view(ada).locator(".jp-CrdtPrevious-title")).to_have_count(2)
    # Two runs side by side, rendered as in the notebook.
    images = view(ada).locator(".jp-CrdtPrevious-sides img")
    expect(images).to_have_count(2)
    for image in images.all():
        ada.expect_stored_image(image)
    ada.photograph("previous-sides")
    choose(ada, "Differences")
    changed = view(ada).locator(".jp-CrdtPrevious-table [data-change=changed] td[data-change=changed]")
    expect(changed).to_have_text("1015")
    lines = view(ada).locator(".jp-CrdtPrevious-line")
    expect(lines.and_(ada.page.locator("[data-change=removed]"))).to_have_text("\N{MINUS SIGN}line 20 of run 2")
    expect(lines.and_(ada.page.locator("[data-change=added]"))).to_have_text("+line 20 of run 3")
    stage = view(ada).locator(".jp-CrdtPrevious-stage")
    for shown in ("after", "before", "after"):  # it blinks
        expect(stage).to_have_attribute("data-shown", shown)
    view(ada).get_by_role("button", name="Pause").click()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        ada.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        expect(ada.page.locator("#jupyterlab-splash")).to_have_count(0)
        for way in ("Slider", "Difference"):
            choose(ada, way)
            ada.photograph(f"previous-{way.lower()}-{theme.split()[1].lower()}")
    # Others by the keyboard alone: the first run of all, and only that one.
    runs(ada).nth(0).press("Space")
    runs(ada).nth(1).press("Space")
    runs(ada).nth(2).press("Space")
    expect(view(ada).locator(".jp-CrdtPrevious-title")).to_contain_text(["[1]"])
    ada.photograph("previous-one")
    source = ada.cell(0).locator(".cm-content")
    source.click()
    source.press("Control+End")
    ada.page.keyboard.type("# edited")
    restore_buttons(ada).click()
    expect(ada.output(0)).to_contain_text("line 20 of run 1")
    expect(ada.count(0)).to_have_text("[1]:")
    expect(ada.page.get_by_text("are back.")).to_be_visible()
    ada.photograph("previous-restored")
    # What is undone in the cell is the edit, and never what was put back.
    ada.page.evaluate("() => window.jupyterapp.shell.activateById(window.jupyterapp.shell.currentWidget.id)")
    source.click()
    source.press("Control+z")
    expect(source).not_to_contain_text("# edited")
    expect(ada.output(0)).to_contain_text("line 20 of run 1")
    ada.command("docmanager:save")
    (cell,) = nbformat.read(server.root_dir / path, 4).cells
    assert cell.execution_count == 1
    assert [output.output_type for output in cell.outputs] == ["display_data", "display_data", "stream"]
    assert len(cell.outputs[0].data["image/png"]) > 4096  # complete
    assert "line 20 of run 1" in cell.outputs[2].text
    # The next run is listed by itself.
    ada.run_all()
    expect(runs(ada)).to_have_count(4)
    assert ada.complaints == []


LARGE = """
try:
    n += 1
except NameError:
    n = 1
from IPython.display import display
display({"text/plain": "\\n".join(f"{i} {n if i == 70_000 else 0}" + 10 * "." for i in range(120_000))}, raw=True)
"""
NOBODYS = """panel => panel.content.widgets[0].model.sharedModel.setOutputs(
    [{ output_type: 'stream', name: 'stdout', text: "nobody's" }])"""


@long
def test_large_texts_are_compared_when_asked_and_what_no_run_made_comes_back(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(LARGE), "ada")
    notebook = ada.page.evaluate_handle("() => window.jupyterapp.shell.currentWidget")
    for _ in range(2):
        ada.run_all()
    ada.command("crdt-outputs:previous-runs")
    listed = view(ada).locator(".jp-CrdtPrevious-run")
    expect(listed.nth(0)).to_contain_text("In the notebook")
    expect(runs(ada)).to_have_count(2)
    notebook.evaluate(NOBODYS)
    expect(runs(ada)).to_have_count(3)
    expect(listed.nth(0)).to_contain_text("In the notebook")
    runs(ada).nth(2).check()
    expect(runs(ada).nth(0)).not_to_be_checked()
    choose(ada, "Differences")
    ask = view(ada).get_by_role("button", name="Compare them (4.34 MB)")
    expect(ask).to_be_visible()
    ada.photograph("previous-large")
    ask.click()
    expect(view(ada).locator(".jp-CrdtPrevious-line[data-change=added]")).to_contain_text("70000 2")
    expect(view(ada).get_by_role("button", name="Show 69,997 equal lines")).to_be_visible()
    restore_buttons(ada).first.click()
    expect(listed.nth(2)).to_contain_text("Replaced")
    expect(listed.nth(1)).to_contain_text("In the notebook")
    ada.page.get_by_role("button", name="Undo").click()
    expect(ada.output(0)).to_contain_text("nobody's")
    expect(listed.nth(0)).to_contain_text("In the notebook")
    ada.photograph("previous-undone")
    assert ada.complaints == []
