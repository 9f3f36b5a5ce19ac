"""Two people, one notebook."""

from __future__ import annotations

import json

from playwright.sync_api import expect
from tab import Open, Write

ROUNDS = 8

PLOT = """
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image
plt.imsave("noise.png", np.random.default_rng(1).integers(0, 256, size=(300, 500, 3), dtype=np.uint8))
Image("noise.png")
"""

TABLE = """
import pandas as pd
pd.set_option("display.max_rows", 300)
pd.DataFrame({"square": [n * n for n in range(200)]}, index=[f"row {n}" for n in range(200)])
"""

PLOTLY = """
import plotly.express as px
import plotly.io as pio
pio.renderers.default = "plotly_mimetype"
px.scatter(x=list(range(2000)), y=[n % 7 for n in range(2000)])
"""


def test_two_browsers_show_the_same_when_one_of_them_runs_all_cells(write: Write, open_tab: Open) -> None:
    path = write(PLOT, TABLE, "for n in range(3000): print('line', n)", PLOTLY, "1 / 3")
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    ada.run_all()
    for name, tab in (("ada", ada), ("bob", bob)):
        tab.expect_stored_image(tab.show(0).locator("img"), width=500)
        tab.photograph(f"together-{name}-plot")
        expect(tab.show(1).locator("table")).to_contain_text("row 199")
        tab.photograph(f"together-{name}-table")
        expect(tab.show(2)).to_contain_text("line 2999")
        expect(tab.show(3).locator(".js-plotly-plot .main-svg").first).to_be_visible()
        expect(tab.show(4)).to_contain_text("0.3333333333333333")
        expect(tab.count(4)).to_have_text("[5]:")
        tab.photograph(f"together-{name}-end")
        assert len(json.dumps(tab.document())) < 10_000
    assert ada.complaints == []
    assert bob.complaints == []


def test_two_browsers_run_different_cells_at_once_and_each_output_is_with_its_cell(
    write: Write, open_tab: Open
) -> None:
    slow = "import time\nfor n in range(20):\n    print('{}', n, flush=True)\n    time.sleep(0.05)"
    path = write(slow.format("left"), slow.format("right"))
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    for tab, cell in ((ada, 0), (bob, 1)):
        tab.cell(cell).locator(".cm-content").click()
        tab.page.keyboard.press("Control+Enter")
    for tab in (ada, bob):
        for cell, word in ((0, "left"), (1, "right")):
            lines = "".join(f"{word} {n}\n" for n in range(20))
            expect(tab.output(cell).locator("pre")).to_have_text(lines)
    assert ada.complaints == []
    assert bob.complaints == []


def test_two_browsers_that_run_one_cell_at_once_again_and_again_show_what_the_last_run_printed(
    write: Write, open_tab: Open
) -> None:
    path = write("n = globals().get('n', 0) + 1\nprint('run', n)")
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    for _ in range(ROUNDS):
        for tab in (ada, bob):
            tab.start_all()
    last = f"run {2 * ROUNDS}\n"
    for tab in (ada, bob):
        # Both write the count of their own last run, as in stock JupyterLab; the server puts the last one there.
        expect(tab.count(0)).to_have_text(f"[{2 * ROUNDS}]:")
        expect(tab.output(0).locator("pre")).to_have_text(last)
        assert [output["text"] for output in tab.document()["cells"][0]["outputs"]] == [last]
    assert ada.complaints == bob.complaints == []
