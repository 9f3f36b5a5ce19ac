"""Browsers that go while cells run, and that come back."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect
from tab import Open, Write, long

from jupyter_crdt_outputs.testing.server import LabServer

LINES = 60
COUNTING = f"import time\nfor n in range({LINES}):\n    print('line', n, flush=True)\n    time.sleep(0.05)\nn"
ALL_LINES = "".join(f"line {n}\n" for n in range(LINES))
IMAGE = """
from IPython.display import Image
import matplotlib.pyplot as plt
import numpy as np
plt.imsave("noise.png", np.random.default_rng(5).integers(0, 256, size=(200, 400, 3), dtype=np.uint8))
Image("noise.png")
"""


def saved_cells(server: LabServer, path: str) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads((server.root_dir / path).read_text())["cells"]
    return cells


def test_when_the_browser_that_runs_cells_is_closed_another_one_sees_them_to_their_end(
    write: Write, open_tab: Open
) -> None:
    path = write(COUNTING, "'next'")
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    ada.start_all()
    expect(bob.output(0)).to_contain_text("line 5")
    ada.close()
    bob.photograph("leaving-bob-alone")
    expect(bob.output(0).locator("pre").first).to_have_text(ALL_LINES)
    expect(bob.output(0)).to_contain_text(str(LINES - 1))
    expect(bob.count(0)).to_have_text("[1]:")
    expect(bob.output(1)).to_contain_text("next")
    expect(bob.count(1)).to_have_text("[2]:")
    bob.photograph("leaving-bob-end")
    assert bob.complaints == []


def test_when_every_browser_is_closed_in_mid_run_the_file_and_the_next_browser_have_it_all(
    server: LabServer, write: Write, open_tab: Open
) -> None:
    path = write(COUNTING, IMAGE)
    ada = open_tab(path, "ada")
    ada.start_all()
    expect(ada.output(0)).to_contain_text("line 5")
    ada.close()
    bob = open_tab(path, "bob")
    expect(bob.output(0).locator("pre").first).to_have_text(ALL_LINES)
    bob.expect_stored_image(bob.show(1).locator("img"), width=400)
    expect(bob.count(1)).to_have_text("[2]:")
    bob.command("docmanager:save")
    first, second = saved_cells(server, path)
    assert "".join(first["outputs"][0]["text"]) == ALL_LINES
    assert list(second["outputs"][0]["data"]) == ["image/png", "text/plain"]
    assert (first["execution_count"], second["execution_count"]) == (1, 2)
    bob.photograph("leaving-everybody-gone")
    assert bob.complaints == []


def test_a_page_that_is_loaded_again_in_mid_run_shows_what_was_and_what_comes(write: Write, open_tab: Open) -> None:
    path = write(IMAGE, COUNTING)
    ada = open_tab(path, "ada")
    ada.start_all()
    expect(ada.output(1)).to_contain_text("line 5")
    ada.load()
    ada.expect_stored_image(ada.show(0).locator("img"), width=400)
    expect(ada.show(1).locator("pre").first).to_have_text(ALL_LINES)
    expect(ada.count(1)).to_have_text("[2]:")
    ada.photograph("leaving-loaded-again")
    assert ada.complaints == []


@long
def test_a_page_that_is_loaded_again_takes_its_images_from_the_cache(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(IMAGE), "ada")
    ada.run_all()
    ada.expect_stored_image(ada.show(0).locator("img"), width=400)
    ada.load()
    ada.expect_stored_image(ada.show(0).locator("img"), width=400)
    transferred = ada.page.evaluate(
        "() => performance.getEntriesByType('resource').filter(entry => entry.name.includes('/artifacts/'))"
        ".map(entry => entry.transferSize)"
    )
    assert transferred == [0]


def test_outputs_are_there_after_a_server_has_restarted_and_its_kernels_are_gone(
    server: LabServer, write: Write, open_tab: Open
) -> None:
    path = write(IMAGE, "for n in range(3000): print('line', n)")
    ada = open_tab(path, "ada")
    ada.run_all()
    ada.command("docmanager:save")
    ada.close()
    server.restart()
    bob = open_tab(path, "bob")
    bob.expect_stored_image(bob.show(0).locator("img"), width=400)
    expect(bob.show(1)).to_contain_text(re.compile("line 0\n.*line 2999", re.DOTALL))
    bob.photograph("leaving-server-restarted")
    assert bob.complaints == []
