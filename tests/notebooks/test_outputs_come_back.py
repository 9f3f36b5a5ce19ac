"""Without a server: what leaves a notebook comes back, and a file in pieces is the file that nbformat writes."""

from __future__ import annotations

import copy
import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from nbformat.sign import MemorySignatureStore, NotebookNotary

from jupyter_crdt_outputs.files import CannotSplice, NotebookFiles
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive

from .collection import NotebookFile, chosen
from .strategies import files as any_files

EXAMPLES = 3000 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 30


@pytest.fixture(scope="module", params=[4096, 0], ids=["as configured", "everything out"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive(open_store(str(tmp_path_factory.mktemp("store"))), Policy(request.param))


@pytest.fixture(scope="module")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookNotary]:
    notary = NotebookNotary(data_dir=str(tmp_path_factory.mktemp("notary")), store_factory=MemorySignatureStore)
    yield notary
    notary.close()


def opened(data: bytes) -> Any:
    """The notebook as a contents manager gives it; None for what it cannot read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return json.loads(json.dumps(nbformat.reads(data.decode(), 4)))
        except Exception:  # of any kind
            return None


def check(data: bytes, archive: Archive, notary: NotebookNotary, folder: Path) -> None:
    notebook = opened(data)
    if notebook is None or not isinstance(notebook.get("cells"), list):
        return
    before = json.dumps(notebook)
    thin = archive.offload_notebook(notebook)
    assert json.dumps(notebook) == before, "the given notebook was changed"
    if any(isinstance(cell, dict) for cell in notebook["cells"]):
        restored, problems = archive.restore_notebook(json.loads(json.dumps(thin)))
        assert exact(restored) == exact(notebook)
        assert not problems
    assert is_valid(thin) or not is_valid(notebook)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            NotebookFiles(archive).save(folder / "a.ipynb", thin, notary, "sha256")
        except CannotSplice:
            return
        expected = nbformat.writes(nbformat.from_dict(copy.deepcopy(notebook))) + "\n"
    assert (folder / "a.ipynb").read_bytes() == expected.encode()


@pytest.mark.parametrize("file", chosen(), ids=lambda file: file.name)
def test_a_notebook_comes_back_as_it_was_and_is_written_as_nbformat_writes_it(
    file: NotebookFile, archive: Archive, notary: NotebookNotary, tmp_path: Path
) -> None:
    check(file.data, archive, notary, tmp_path)


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=any_files)
def test_any_notebook_does(data: bytes, archive: Archive, notary: NotebookNotary, tmp_path: Path) -> None:
    check(data, archive, notary, tmp_path)


def exact(value: Any) -> str:
    """Text that differs wherever two JSON values differ in value or type."""
    return json.dumps(value, sort_keys=True)


def is_valid(notebook: Any) -> bool:
    try:
        nbformat.validate(nbformat.from_dict(copy.deepcopy(notebook)))
    except Exception:  # of any kind
        return False
    return True
