"""Notebooks that nbclient and papermill run: what is large goes to the store, and the rest is as in stock."""

from __future__ import annotations

import json
import logging
import tomllib
import tracemalloc
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook, new_output
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from jupyter_crdt_outputs.jobs.client import StoringNotebookClient
from jupyter_crdt_outputs.jobs.growing import GrowingStream
from jupyter_crdt_outputs.jobs.keeping import configured
from jupyter_crdt_outputs.jobs.papermill import StoringEngine
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import LongStreamReference, reference_in
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import REPOSITORY, Tools

KERNEL = {"name": "python3", "display_name": "python3", "language": "python"}

SOURCES = [
    "x = 2\nx",
    "import sys\nfor n in range(3000): print('line', n)",
    "print('a'); print('b', file=sys.stderr); sys.stderr.flush(); print('a' * 6000)",
    "for n in range(500): print('\\r', n, end='')",
    "from IPython.display import HTML, display, clear_output\n"
    "display(HTML('<b>' + 'x' * 9000 + '</b>'), metadata={'isolated': True})",
    "handle = display('small', display_id='d')",
    "handle.update(HTML('<i>' + 'y' * 9000 + '</i>'))",
    "print('gone'); clear_output(wait=True); print('stays')",
    "'z' * 6000",
]


def notebook(*sources: str) -> Any:
    cells = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def without_metadata(cells: Any) -> Any:
    return json.loads(json.dumps([{**cell, "metadata": {}} for cell in cells]))


def merged(cells: Any) -> Any:
    """Printed text as JupyterLab has it; stock has an output for each message."""
    for cell in cells:
        outputs: list[Any] = []
        for output in cell["outputs"]:
            if output["output_type"] == "stream" and outputs and outputs[-1].get("name") == output["name"]:
                outputs[-1]["text"] += output["text"]
            else:
                outputs.append(output)
            if "text" in outputs[-1] and "\r" in outputs[-1]["text"]:
                outputs[-1]["text"] = outputs[-1]["text"].rpartition("\r")[2]
        cell["outputs"] = outputs
    return cells


def test_a_run_has_the_references_that_a_server_makes_of_what_stock_would_have(
    tools: Tools, store: VerifiedStore
) -> None:
    thin = StoringNotebookClient(notebook(*SOURCES)).execute()
    nbformat.validate(thin)
    stock = merged(without_metadata(NotebookClient(notebook(*SOURCES)).execute().cells))
    archive = Archive(store, Policy())
    references = 0
    for cell, expected in zip(without_metadata(thin.cells), stock, strict=True):
        outputs = expected["outputs"]
        cell["outputs"].sort(key=str)
        made = [archive.referring(archive.offload_output(output)) for output in outputs]
        assert cell["outputs"] == sorted(json.loads(json.dumps(made)), key=str)
        references += sum(reference_in(output) is not None for output in cell["outputs"])
        restored, problems = archive.restore_notebook({"cells": [cell]})
        assert problems == []
        assert restored["cells"][0]["outputs"] == outputs or len(outputs) > 1
    assert references >= 5
    assert reference_in(thin.cells[5].outputs[0]) is not None, "the update was thinned too"


def test_the_limit_of_files_decides_what_becomes_a_reference(tools: Tools, store: VerifiedStore) -> None:
    job = notebook("print('x' * 5_000)", "print('x' * 20_000)")

    def kept(**options: Any) -> list[bool]:
        executed = StoringNotebookClient(nbformat.from_dict(job), **options).execute()
        return [reference_in(cell.outputs[0]) is not None for cell in executed.cells]

    tools.configure(file_max_bytes=10_000, file_max_bytes_for={"handouts/": None})
    (tools.home / "jupyter_server_config.py").write_text(f"c.ServerApp.root_dir = {str(tools.home)!r}\n")
    assert kept() == [False, True]
    assert kept(output_path=str(tools.home / "handouts" / "out.ipynb")) == [False, False]
    job.metadata["crdt-outputs"] = {"file_max_bytes": 4096}
    assert kept() == [True, True]


def test_a_store_that_fails_leaves_outputs_in_the_notebook(tools: Tools, caplog: pytest.LogCaptureFixture) -> None:
    (tools.home / "full").mkdir()
    (tools.home / "full" / "sha256").write_text("no folder")
    tools.configure(store_url=str(tools.home / "full"))
    executed = StoringNotebookClient(notebook(*SOURCES[:3]), log=logging.getLogger("jobs")).execute()
    stock = NotebookClient(notebook(*SOURCES[:3])).execute()
    assert "".join(output.text for output in executed.cells[1].outputs) == "".join(
        output.text for output in stock.cells[1].outputs
    )
    assert caplog.text.count("outputs stay in the notebook") == 1


def test_a_stream_of_any_length_takes_little_memory_and_is_one_reference(tools: Tools, store: VerifiedStore) -> None:
    stream = GrowingStream(new_output("stream", name="stdout", text=""), configured({}, "", logging.getLogger()))
    tracemalloc.start()
    for number in range(64):
        stream.write(f"{number:999d}\n" * 1000)
    output = stream.settle()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000
    reference = reference_in(output)
    assert isinstance(reference, LongStreamReference)
    assert reference.size == 64_000_000
    text = "".join(f"{number:999d}\n" * 1000 for number in range(64))
    expected = Archive(store, Policy()).offload_output({"output_type": "stream", "name": "stdout", "text": text})
    assert output == Archive(store, Policy()).referring(expected)


def test_papermill_runs_with_our_engine_by_its_name(tools: Tools, store: VerifiedStore) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    [(name, place)] = project["entry-points"]["papermill.engine"].items()
    engine = EntryPoint(name, place, "papermill.engine").load()
    assert engine is StoringEngine
    papermill_engines.register(name, engine)
    nbformat.write(notebook("print('line\\n' * n)"), tools.home / "in.ipynb")
    job: dict[str, Any] = {"engine_name": "crdt-outputs", "progress_bar": False}
    papermill.execute_notebook("in.ipynb", "out.ipynb", {"n": 3000}, **job)
    papermill.execute_notebook("out.ipynb", "again.ipynb", {"n": 3000}, **job)
    first, second = (nbformat.read(tools.home / name, as_version=4) for name in ("out.ipynb", "again.ipynb"))
    assert first.cells[-1].outputs == second.cells[-1].outputs, "a re-run gives no diff"
    assert reference_in(first.cells[-1].outputs[0]) is not None
    assert first.cells[-1].metadata.papermill.status == "completed"
    nbformat.validate(first)


def test_papermill_sees_a_failed_cell_however_long_its_traceback_is(tools: Tools, store: VerifiedStore) -> None:
    nbformat.write(notebook("raise ValueError('x' * 20_000)"), tools.home / "in.ipynb")
    papermill_engines.register("crdt-outputs", StoringEngine)
    with pytest.raises(PapermillExecutionError, match="ValueError"):
        papermill.execute_notebook("in.ipynb", "out.ipynb", engine_name="crdt-outputs", progress_bar=False)
    [error] = nbformat.read(Path("out.ipynb"), as_version=4).cells[-1].outputs
    assert error.output_type == "error"
