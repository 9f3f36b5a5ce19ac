"""Outputs that change while they are looked at, and outputs that cannot be shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from playwright.sync_api import expect
from tab import Open, Write, long

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.testing.server import LabServer

NOISE = """
from IPython.display import Image
import matplotlib.pyplot as plt
import numpy as np
plt.imsave("noise.png", np.random.default_rng({seed}).integers(0, 256, size=(100, {width}, 3), dtype=np.uint8))
Image("noise.png")
"""
INTERACT = """
import ipywidgets as widgets
@widgets.interact(n=widgets.IntSlider(3, 0, 10))
def square(n):
    print("the square is", n * n)
"""
PROGRESS = """
import time
from IPython.display import clear_output
for n in range(101):
    print(f"\\r{n:3d} %", end="", flush=True)
    time.sleep(0.005)
"""
CLEARED = """
from IPython.display import clear_output
for n in range(20):
    clear_output(wait=True)
    print("x" * 6000, "round", n)
"""


def stored_file(server: LabServer, source: str) -> Path:
    """The artifact that an image's address names."""
    found = re.search("artifacts/([0-9a-f]{64})", source)
    assert found is not None
    return server.data_dir / "crdt-outputs" / key_of(Digest.parse(found[1]))


@long
def test_progress_bars_and_cleared_outputs_end_as_they_should_in_both_browsers(write: Write, open_tab: Open) -> None:
    path = write(PROGRESS, CLEARED)
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    ada.run_all()
    for tab in (ada, bob):
        expect(tab.output(0).locator("pre")).to_have_text("100 %")
        expect(tab.show(1)).to_contain_text("round 19")
        expect(tab.output(1)).not_to_contain_text("round 18")
        assert tab.complaints == []


def test_a_widget_that_draws_into_its_own_output_answers_its_slider(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(INTERACT), "ada")
    ada.run_all()
    expect(ada.output(0)).to_contain_text("the square is 9")
    ada.page.locator(".jp-OutputArea .noUi-handle, .jp-OutputArea input[type=range]").first.focus()
    ada.page.keyboard.press("ArrowRight")
    expect(ada.output(0)).to_contain_text("the square is 16")
    expect(ada.output(0)).not_to_contain_text("the square is 9")
    ada.photograph("behaviours-interact")
    assert ada.complaints == []


@long
def test_a_cell_that_is_run_again_shows_only_its_last_image(write: Write, open_tab: Open) -> None:
    path = write(NOISE.format(seed="None", width=300))  # No seed: another image each time.
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    ada.run_all()
    image = bob.show(0).locator("img")
    bob.expect_stored_image(image, width=300)
    before = image.get_attribute("src") or ""
    ada.run_all()
    expect(image).not_to_have_attribute("src", before)
    expect(image).to_have_count(1)
    assert bob.complaints == []


def test_a_missing_artifact_is_a_notice_that_names_it_and_comes_back_with_its_file(
    server: LabServer, write: Write, open_tab: Open
) -> None:
    path = write(NOISE.format(seed=77, width=24))
    ada = open_tab(path, "ada")
    ada.run_all()
    image = ada.show(0).locator("img")
    ada.expect_stored_image(image, width=24)
    file = stored_file(server, image.get_attribute("src") or "")
    aside = file.with_suffix(".aside")
    file.rename(aside)
    bob = open_tab(path, "bob")
    expect(bob.show(0)).to_contain_text(file.name[:12])
    text = bob.show(0).get_by_text("IPython.core.display.Image object")
    notice = bob.show(0).get_by_role("status")
    assert text.evaluate("node => node.scrollWidth <= node.parentElement.clientWidth"), (
        "a small picture has room for it"
    )
    above, below = text.bounding_box(), notice.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] < above["y"] + 200, "one below the other, as high as the picture"
    bob.photograph("behaviours-missing")
    aside.rename(file)
    bob.output(0).get_by_role("button", name="Retry").click()
    bob.expect_stored_image(bob.output(0).locator("img"), width=24)


def test_a_plot_of_r_is_shown_from_the_store(write: Write, open_tab: Open) -> None:
    if "ir" not in KernelSpecManager().find_kernel_specs():
        pytest.skip("R's kernel comes from the system's package manager, which does not have it here")
    ada = open_tab(write("plot(1:10)\ncat('done')", kernel="ir"), "ada")
    ada.run_all()
    expect(ada.output(0)).to_contain_text("done")
    ada.expect_image(ada.show(0).locator("img"), width=840)
    assert REFERENCE_MIME_TYPE in json.dumps(ada.document())
    ada.photograph("behaviours-r")
    assert ada.complaints == []
