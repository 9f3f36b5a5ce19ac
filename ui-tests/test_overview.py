"""The word in the status bar, and the panel with the list of what is stored."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Locator, expect
from tab import Open, Tab, Write

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.web.store_state import SCHEMA_ID

IMAGE = """
# A picture of noise.
import os
from IPython.display import Image, display
def noise(seed, rows):
    import matplotlib.pyplot as plt
    import numpy as np
    plt.imsave("noise.png", np.random.default_rng(seed).integers(0, 256, size=(rows, 400, 3), dtype=np.uint8))
    return Image("noise.png")
noise(5, 200)
"""
STREAM = "for n in range(300_000): print('line', n)"
CALM = {"waiting": 0, "waiting_bytes": 0, "trouble": "", "used_bytes": None, "quota_bytes": None}


def status(tab: Tab) -> Locator:
    return tab.page.locator("#jp-main-statusbar").get_by_role("button", name=re.compile("stored$"))


def panel(tab: Tab) -> Locator:
    return tab.page.get_by_role("region", name="Stored Outputs")


def rows(tab: Tab) -> Locator:
    return panel(tab).locator("tbody tr")


def tell(server: LabServer, **changes: Any) -> None:
    """What the server says when the state of its store has changed."""
    event = {"schema_id": SCHEMA_ID, "version": "1", "data": CALM | changes}
    server.request("api/events", method="POST", body=event)


def test_the_panel_lists_what_is_stored_and_leads_there(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(IMAGE, *["'between'"] * 28, STREAM, "noise(6, 20)"), "ada")
    expect(status(ada)).to_have_count(0)
    ada.run_all()
    expect(status(ada)).to_have_text(re.compile(r"Outputs: 3[.\d]* MB stored"))
    status(ada).press("Enter")
    expect(panel(ada)).to_contain_text(re.compile(r"3 stored outputs, 3[.\d]* MB"))
    expect(rows(ada)).to_have_text(
        [re.compile(r"\[30\].*stdout"), re.compile("# A picture of noise"), re.compile(r"\[31\]")]
    )
    ada.photograph("overview")
    rows(ada).nth(1).get_by_role("button", name="[1]").click()
    ada.page.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 0")
    expect(ada.output(0)).to_be_in_viewport()
    ada.expect_stored_image(ada.output(0).locator("img"), width=400)
    with ada.page.expect_download() as download:
        rows(ada).nth(1).get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith(".png")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    panel(ada).get_by_role("columnheader", name="Output").press("Enter")
    expect(rows(ada).first).to_contain_text("[1]")
    panel(ada).get_by_placeholder("Filter").locator("input").fill("image/")
    expect(rows(ada)).to_have_count(2)
    assert ada.complaints == []


def test_what_is_not_yet_stored_is_said_until_it_is(server: LabServer, write: Write, open_tab: Open) -> None:
    ada = open_tab(write(IMAGE), "ada")
    ada.run_all()
    expect(status(ada)).to_have_text("Outputs: 281 kB stored")
    [part] = ada.document()["cells"][0]["outputs"][0]["data"][REFERENCE_MIME_TYPE]["parts"].values()
    waiting = {"waiting": 3, "trouble": "The bucket does not answer.", "used_bytes": 9e9, "quota_bytes": 1e10}
    # What the server says of its own store, it says here of one that lags behind.
    answer = json.dumps(CALM | waiting | {"digests": [part["sha256"]]})
    ada.page.route(re.compile(r"/crdt-outputs/store\?digests=1"), lambda route: route.fulfill(body=answer))
    status(ada).click()
    expect(panel(ada)).not_to_contain_text("not yet stored")
    tell(server, **waiting)
    expect(status(ada)).to_have_text("3 outputs not yet stored")
    expect(status(ada)).to_have_attribute("title", re.compile("The bucket does not answer."))
    expect(rows(ada)).to_contain_text(["not yet stored"])
    expect(panel(ada)).to_contain_text("9 GB of 10 GB")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        ada.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        expect(ada.page.locator("#jupyterlab-splash")).to_have_count(0)
        ada.photograph(f"overview-waiting-{theme.split()[1].lower()}")
    tell(server)
    expect(status(ada)).to_have_text("Outputs: 281 kB stored")
    expect(panel(ada)).not_to_contain_text("not yet stored")
    assert ada.complaints == []
