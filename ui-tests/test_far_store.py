"""A bucket that goes away while somebody works: the page says what is not there yet, and shows everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from tab import Open, Write

from jupyter_crdt_outputs.testing.server import LabServer
from tests.moto_server import MotoServer, moto_bucket

CONFIG: dict[str, dict[str, Any]] = {
    "LabApp": {"expose_app_in_browser": True},
    "CrdtOutputsApp": {"store_url": "s3://team-bucket/outputs"},
}
IMAGE = """
from IPython.display import Image
import matplotlib.pyplot as plt, numpy as np
plt.imsave("noise.png", np.random.default_rng(5).integers(0, 256, size=(200, 400, 3), dtype=np.uint8))
Image("noise.png")
"""


@pytest.fixture(scope="module")
def bucket() -> Iterator[MotoServer]:
    with moto_bucket("team-bucket") as running:
        yield running


@pytest.fixture(scope="module")
def server(bucket: MotoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with LabServer(tmp_path_factory.mktemp("far"), config=CONFIG) as running:
        yield running


def test_while_the_bucket_is_away_outputs_are_there_and_the_status_bar_counts_them(
    bucket: MotoServer, write: Write, open_tab: Open
) -> None:
    path = write(IMAGE)
    ada = open_tab(path, "ada")
    status = ada.page.locator("#jp-main-statusbar").get_by_role("button", name=re.compile("stored$"))
    bucket.freeze()
    ada.run_all()
    ada.expect_stored_image(ada.output(0).locator("img"), width=400)
    expect(status).to_have_text("1 output not yet stored")
    bob = open_tab(path, "bob")
    bob.expect_stored_image(bob.output(0).locator("img"), width=400)
    ada.photograph("far-store-away")
    bucket.thaw()
    expect(status).to_have_text("Outputs: 281 kB stored")
    ada.photograph("far-store-back")
    assert ada.complaints == []
    assert bob.complaints == []
