"""What was read of a file is what the next save begins with."""

from __future__ import annotations

import asyncio
import copy
import logging
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbformat.sign import MemorySignatureStore, NotebookNotary

from jupyter_crdt_outputs.document.opened import OpenedNotebook
from jupyter_crdt_outputs.document.remembering import FileMemory
from jupyter_crdt_outputs.files import FileLimits, KnownNotebooks, NotebookFiles, NotebookReading
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive

LOG = logging.getLogger(__name__)


def notebook(metadata: dict[str, Any]) -> dict[str, Any]:
    stream = {"output_type": "stream", "name": "stdout", "text": "long\n" * 2000}
    code = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "", "outputs": [stream]}
    cells = [{**code, "id": f"cell-{number}"} for number in range(3)]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def signature_of(path: Path, notary: NotebookNotary) -> str | None:
    with closing(NotebookReading(path)) as reading:
        return reading.signature(notary)


@pytest.mark.parametrize("metadata", [{}, {"crdt-outputs": {"file_max_bytes": 4096}}])
def test_a_file_that_was_read_and_not_edited_is_not_written_whether_it_has_references_or_not(
    metadata: dict[str, Any], tmp_path: Path
) -> None:
    archive = Archive(open_store(str(tmp_path / "store")), Policy(256, 1 << 20))
    notary = NotebookNotary(data_dir=str(tmp_path), store_factory=MemorySignatureStore)
    limits, path = FileLimits(), tmp_path / "a.ipynb"
    document = archive.offload_notebook(notebook(metadata))
    limit = limits.of(path.name, metadata)
    NotebookFiles(archive).save(path, document, notary, "sha256", limit)
    before = path.stat()

    files = NotebookFiles(archive)  # of a server that knows nothing of the file
    memory = FileMemory(KnownNotebooks(tmp_path / "known", "policy"), files, archive, limits, LOG)
    manager = SimpleNamespace(notary=notary, hash_algorithm="sha256")
    reading = NotebookReading(path)
    opened = OpenedNotebook(
        copy.deepcopy(reading.notebook),
        reading,
        stat=reading.stat,
        signature=lambda reading: reading.signature(notary),
        read=partial(memory.read, manager, path.name, path),
    )
    asyncio.run(opened.complete(archive))
    saved = files.save(path, document, notary, "sha256", limit)
    assert path.stat().st_ino == before.st_ino
    assert saved.signature == signature_of(path, notary), "text alone needs no trust"

    document["cells"][1]["source"] = "edited"
    files.save(path, document, notary, "sha256", limit)
    assert path.stat().st_ino != before.st_ino
