"""File → Save and Export Notebook As…: the server's own exports, of files and of what browsers send."""

from __future__ import annotations

import html
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_crdt_outputs.exporting.resolving import Sources, resolve
from jupyter_crdt_outputs.files.lacks import Where
from jupyter_crdt_outputs.model.offload import log_output
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.streams.logs import Logs
from jupyter_crdt_outputs.testing.server import LabServer

from .notebooks import LINES, complete, in_document, with_references, write

FORMATS = ["html", "markdown", "asciidoc", "rst", "script", "latex", "notebook", "slides"]
PANDOC_FORMATS = ["asciidoc", "rst", "latex"]


@pytest.fixture
def store(server: LabServer) -> ArtifactStore:
    return open_store(str(server.data_dir / "crdt-outputs"))


def content(answer: httpx.Response) -> dict[str, bytes]:
    """What was exported, by name: some formats come as an archive with their pictures."""
    assert answer.status_code == 200, answer.text
    if answer.headers["Content-Type"] != "application/zip":
        return {"": answer.content}
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def post(client: httpx.Client, kind: str, notebook: dict[str, Any], **headers: str) -> httpx.Response:
    return client.post(f"nbconvert/{kind}", json={"name": "same.ipynb", "content": notebook}, headers=headers)


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_the_same_from_a_file_with_references_and_from_a_browser_that_has_them(
    server: LabServer, client: httpx.Client, store: ArtifactStore, kind: str
) -> None:
    if kind in PANDOC_FORMATS and shutil.which("pandoc", path=server_path()) is None:
        pytest.skip("no pandoc")
    path = write(server.root_dir / "same.ipynb", complete())
    expected = content(client.get(f"nbconvert/{kind}/same.ipynb"))
    posted = content(post(client, kind, complete()))
    write(path, with_references(store))
    assert content(client.get(f"nbconvert/{kind}/same.ipynb", params={"download": "true"})) == expected
    assert content(post(client, kind, in_document(store))) == posted
    if kind not in ("script",):
        assert b"line 1000 of the log" in b"".join(expected.values())


def server_path() -> str:
    try:
        import pypandoc
    except ImportError:
        return ""
    return str(Path(pypandoc.get_pandoc_path()).parent)


def test_a_missing_artifact_is_a_message_that_names_the_cell(client: httpx.Client, store: ArtifactStore) -> None:
    thin = json.loads(json.dumps(with_references(store)).replace(json.dumps(thin_digest(store))[1:-1], "0" * 64))
    answer = post(client, "html", thin)
    assert answer.status_code == 500
    assert "same cannot be converted in full. cell 4 (id plot), output 1: " in html.unescape(answer.text)


def thin_digest(store: ArtifactStore) -> str:
    reference = next(iter(with_references(store)["cells"][3]["outputs"][0]["data"].values()))
    return str(reference["parts"]["image/png"]["sha256"])


def test_who_may_not_read_outputs_is_not_given_them_for_a_digest(client: httpx.Client, store: ArtifactStore) -> None:
    thin = with_references(store)
    answer = post(client, "html", thin, **{"X-Test-Allowed": "nothing"})
    assert answer.status_code == 500
    assert "which you may not read" in answer.text
    assert "line 1000 of the log" not in answer.text
    assert post(client, "html", complete(), **{"X-Test-Allowed": "nothing"}).status_code == 200


def test_a_stream_that_is_still_printed_is_exported_as_far_as_it_is(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    logs = Logs(tmp_path / "logs", store)
    log = logs.begin("stdout", LINES, "and so")
    notebook = {"cells": [{"outputs": [log_output("stdout", log.log_id, LINES[:100].encode())]}]}
    sources = Sources(store.get, logs.text_of)
    assert resolve(notebook, sources, 1000) == ([], [Where(1, "", 1)])
    assert resolve(notebook, sources, 1_000_000) == ([], [])
    assert notebook["cells"][0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": LINES + "and so"}]
