"""``jupyter nbconvert`` on complete files and on files with references."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from nbconvert.nbconvertapp import NbConvertApp
from playwright.async_api import BrowserType

from devtools import system
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import Tools
from .notebooks import LINES, PNG, TABLE, complete, read, with_references, write

PACKAGE = "jupyter_crdt_outputs"
CONFIG = "jupyter_nbconvert_config.py"


def convert(name: str, to: str, *more: str) -> None:
    """As ``jupyter nbconvert`` does, in this process."""
    app: Any = NbConvertApp()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, on how it reads its configuration
        app.initialize(["--to", to, name, "--output", "converted", *more])
        app.start()


def test_complete_files_convert_as_they_do_without_this_package(tools: Tools) -> None:
    write(tools.home / "complete.ipynb", complete())
    convert("complete.ipynb", "html")
    html = (tools.home / "converted.html").read_text()
    tools.ours("enable-nbconvert")
    convert("complete.ipynb", "html")
    assert (tools.home / "converted.html").read_text() == html
    assert PNG[:200] in html
    assert "row 1999" in html


def test_files_with_references_convert_to_what_complete_ones_do(tools: Tools, store: VerifiedStore) -> None:
    write(tools.home / "same.ipynb", complete())
    convert("same.ipynb", "markdown")
    expected = (
        (tools.home / "converted.md").read_bytes(),
        (tools.home / "converted_files/converted_3_0.png").read_bytes(),
    )
    write(tools.home / "same.ipynb", with_references(store))
    tools.ours("enable-nbconvert")
    convert("same.ipynb", "markdown")
    assert (
        (tools.home / "converted.md").read_bytes(),
        (tools.home / "converted_files/converted_3_0.png").read_bytes(),
    ) == expected
    convert("same.ipynb", "notebook")
    assert read(tools.home / "converted.ipynb")["cells"] == complete()["cells"]


@pytest.mark.skipif(os.environ.get("CRDT_OUTPUTS_LONG") != "1", reason="a browser, for which CI has no time")
def test_a_pdf_that_a_browser_prints_is_the_same_from_a_file_with_references(
    tools: Tools, store: VerifiedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TeX, which `pdf` needs, is 400 MB; it begins with the same `latex` as the server's exports in other tests."""
    launch = BrowserType.launch

    async def launch_the_system_s(self: BrowserType, **options: Any) -> Any:
        return await launch(self, executable_path=system.chromium(), **options)

    def pdf() -> bytes:
        convert("same.ipynb", "webpdf", *offline)
        return re.sub(rb"D:\d{14}[^)]*", b"", (tools.home / "converted.pdf").read_bytes())

    monkeypatch.setattr(BrowserType, "launch", launch_the_system_s)
    urls = (f"--WebPDFExporter.{name}=about:blank" for name in ("mathjax_url", "mermaid_js_url", "require_js_url"))
    offline = ["--disable-chromium-sandbox", "--WebPDFExporter.embed_images=True", *urls]
    write(tools.home / "same.ipynb", complete())
    expected = pdf()
    assert b"/Subtype /Image" in expected
    write(tools.home / "same.ipynb", with_references(store))
    tools.ours("enable-nbconvert")
    assert pdf() == expected


def test_without_being_switched_on_the_text_beside_a_reference_is_shown(tools: Tools, store: VerifiedStore) -> None:
    """As nbviewer does, which is nbconvert's HTML exporter."""
    write(tools.home / "thin.ipynb", with_references(store))
    convert("thin.ipynb", "html")
    html = (tools.home / "converted.html").read_text()
    assert "&lt;Figure size 52x52&gt;" in html
    assert "line 0 of the log" in html
    assert "line 1999 of the log" in html
    assert "a frame" in html
    assert "ValueError: wrong" in html
    assert "sha256" not in html


def test_a_missing_artifact_ends_a_conversion_with_a_message_that_names_the_cell(
    tools: Tools, store: VerifiedStore
) -> None:
    notebook = with_references(store)
    write(tools.home / "thin.ipynb", notebook)
    reference = next(iter(notebook["cells"][3]["outputs"][0]["data"].values()))
    digest = reference["parts"]["image/png"]["sha256"]
    path = Path(store.blobs.where) / "sha256" / digest[:2] / digest
    path.unlink()
    tools.ours("enable-nbconvert")
    told = tools.call("jupyter-nbconvert", "--to", "html", "thin.ipynb", code=1).stderr.decode()
    assert "thin cannot be converted in full. cell 4 (id plot), output 1: " in told
    assert not (tools.home / "thin.html").exists()
    allowing = "--StoredOutputsPreprocessor.allow_missing=True"
    told = tools.call("jupyter-nbconvert", "--to", "html", "thin.ipynb", allowing).stderr.decode()
    assert "cell 4 (id plot), output 1: " in told
    html = (tools.home / "thin.html").read_text()
    assert "&lt;Figure size 52x52&gt;" in html
    assert "line 1000 of the log" in html


def test_nothing_is_asked_for_when_outputs_are_cleared_or_made_anew(tools: Tools, store: VerifiedStore) -> None:
    """The store is gone, and nobody notices."""
    thin = with_references(store)
    write(tools.home / "thin.ipynb", thin)
    tools.ours("enable-nbconvert")
    tools.configure(store_url=str(tools.home / "nothing here"))
    convert("thin.ipynb", "notebook", "--clear-output")
    assert read(tools.home / "converted.ipynb")["cells"][3]["outputs"] == []


def test_enabling_adds_a_block_to_a_file_of_others_and_disabling_removes_exactly_that(tools: Tools) -> None:
    path = tools.home / CONFIG
    for before in (b"", b"c = get_config()\nc.Exporter.exclude_input = True\n", b"# no line end", b"c.a.b = 1\r\n"):
        path.write_bytes(before)
        path.chmod(0o640)
        told = tools.json("enable-nbconvert")
        assert told == {"enabled": True, "file": str(path), "changed": True}
        enabled = path.read_bytes()
        assert enabled.startswith(before)
        ast.parse(enabled)
        assert path.stat().st_mode & 0o777 == 0o640
        assert not tools.json("enable-nbconvert")["changed"]
        assert path.read_bytes() == enabled
        assert str(path) in tools.ours("doctor")
        path.write_bytes(enabled + b"# written later\n")
        tools.ours("disable-nbconvert")
        assert path.read_bytes() == before + b"# written later\n"
        assert not tools.json("disable-nbconvert")["changed"]
    path.unlink()
    assert not tools.json("disable-nbconvert")["changed"]
    tools.ours("enable-nbconvert")
    tools.ours("disable-nbconvert")
    assert not path.exists()


@pytest.mark.parametrize(
    "others", ["c.Exporter.default_preprocessors = ['nbconvert.preprocessors.TagRemovePreprocessor']", "pass"]
)
def test_a_list_that_somebody_else_set_is_kept(tools: Tools, store: VerifiedStore, others: str) -> None:
    (tools.home / CONFIG).write_text(others)
    write(tools.home / "thin.ipynb", with_references(store))
    tools.ours("enable-nbconvert", "--user")
    convert("thin.ipynb", "notebook")
    assert read(tools.home / "converted.ipynb")["cells"] == complete()["cells"]


def test_a_file_that_is_left_behind_does_nothing_without_this_package(
    tools: Tools, store: VerifiedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tools.home / "thin.ipynb", with_references(store))
    tools.ours("enable-nbconvert")
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == PACKAGE else find(name))
    convert("thin.ipynb", "html")
    assert TABLE[:1000] not in (tools.home / "converted.html").read_text()


def test_a_long_stream_beyond_the_limit_is_shown_with_its_ends_and_a_warning(
    tools: Tools, store: VerifiedStore
) -> None:
    notebook = complete()
    notebook["cells"][2]["outputs"][0]["text"] = LINES * 40  # more than one segment
    write(tools.home / "thin.ipynb", with_references(store, notebook))
    tools.ours("enable-nbconvert")
    convert("thin.ipynb", "notebook")
    assert read(tools.home / "converted.ipynb")["cells"][2] == notebook["cells"][2]
    limit = "--StoredOutputsPreprocessor.stream_max_bytes=1000000"
    told = tools.call("jupyter-nbconvert", "--to", "notebook", "thin.ipynb", "--output", "converted", limit)
    assert "cell 3 (id log), output 1 is longer than 1000000 bytes" in told.stderr.decode()
    assert "line 1999 of the log" in json.dumps(read(tools.home / "converted.ipynb")["cells"][2])
