"""Notebooks in files, and what nbformat would have written."""

from __future__ import annotations

import base64
import copy
import io
import random
from pathlib import Path
from typing import Any

import nbformat

from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.store.artifact_store import ArtifactStore

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(30_000)).decode()


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def display(**data: Any) -> dict[str, Any]:
    data = {name.replace("__", "+").replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def cell(*outputs: dict[str, Any], id_: str | None = None) -> dict[str, Any]:
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "source": "1"}
    return code | {"outputs": list(outputs)} | ({} if id_ is None else {"id": id_})


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    cells = tuple(each if "id" in each else each | {"id": f"cell-{at}"} for at, each in enumerate(cells))
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def many_types() -> dict[str, Any]:
    """One with outputs of every kind, large and small."""
    lines = "".join(f"line {number} é \x1b[31m\r" + "\n" * (number % 3) for number in range(5_000))
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mframe" * 50] * 40}
    return notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "# Title\ntext"},
        cell(stream("small\n"), stream(lines), error),
        cell(stream("x" * 3_000_000)),
        cell(
            display(image_png=PNG, text_plain="<Figure>"),
            display(image_png=PNG + "\n", text_html="<table>\n" + "<tr><td>é</td></tr>\n" * 900 + "</table>"),
            display(image_svg__xml="<svg xmlns='http://www.w3.org/2000/svg'>\n" + "<g/>\n" * 2000 + "</svg>"),
            display(**{"application_vnd.plotly.v1__json": {"data": [{"y": list(range(3000))}], "a": {}}}),
            display(application_json={"b": 1, "a": [None, "é"]}, text_plain="1"),
        ),
    )


def written(complete: dict[str, Any]) -> bytes:
    """What nbformat writes."""
    file = io.StringIO()
    nbformat.write(nbformat.from_dict(copy.deepcopy(complete)), file)
    return file.getvalue().encode()


def thin(complete: dict[str, Any], store: ArtifactStore, limit: int = 0) -> dict[str, Any]:
    """As a file with references to all that is larger than *limit* has it; its artifacts are in *store*."""
    archive = Archive(store, Policy())
    document = archive.offload_notebook(copy.deepcopy(complete))
    kept, problems = archive.restore_notebook(document, limit)
    assert not problems
    return kept


def save(path: Path, saved: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(saved))
    return path
