"""A notebook with an output of each kind, complete and with references."""

from __future__ import annotations

import base64
import json
import random
import zlib
from pathlib import Path
from typing import Any

import nbformat

from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import ArtifactStore
from jupyter_crdt_outputs.store.archive import Archive

LINES = "".join(f"line {number} of the log\n" for number in range(2000))
TABLE = "<table><tr><td>" + "</td></tr><tr><td>".join(f"row {number}" for number in range(2000)) + "</td></tr></table>"
TRACEBACK = [f"deep in frame {number}" for number in range(500)]


def png(seed: int = 0, side: int = 52) -> bytes:
    """A picture of noise, of some 8 kB, or of another number of pixels."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = side.to_bytes(4) + side.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


PNG = base64.b64encode(png()).decode()


def complete() -> dict[str, Any]:
    """As stock JupyterLab would have it."""
    cells = [
        _markdown("intro", "# Title\n\nSome *text*."),
        _code("small", "1 + 1", 1, [_result({"text/plain": "2"}, 1)]),
        _code("log", "print_lines()", 2, [{"output_type": "stream", "name": "stdout", "text": LINES}]),
        _code("plot", "plot()", 3, [_display({"image/png": PNG, "text/plain": "<Figure size 52x52>"})]),
        _code("table", "frame", 4, [_result({"text/html": TABLE, "text/plain": "a frame"}, 4)]),
        _code(
            "error",
            "fail()",
            5,
            [{"output_type": "error", "ename": "ValueError", "evalue": "wrong", "traceback": TRACEBACK}],
        ),
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def in_document(store: ArtifactStore, notebook: dict[str, Any] | None = None) -> dict[str, Any]:
    """The same with all that is large in *store*, as shared documents have it."""
    return Archive(store, Policy()).offload_notebook(complete() if notebook is None else notebook)


def with_references(store: ArtifactStore, notebook: dict[str, Any] | None = None) -> dict[str, Any]:
    """The same as the files of a server have it that is asked for small ones."""
    thin, problems = Archive(store, Policy()).restore_notebook(in_document(store, notebook), file_max_bytes=4096)
    assert problems == []
    return thin


def write(path: Path, notebook: dict[str, Any]) -> Path:
    """A file as nbformat, and so every server, writes it."""
    node = nbformat.from_dict(notebook)
    nbformat.validate(node)
    nbformat.write(node, path)
    return path


def read(path: Path) -> dict[str, Any]:
    """A file's notebook, its lines joined."""
    return dict(json.loads(json.dumps(nbformat.read(path, as_version=4))))


def _markdown(cell_id: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": source}


def _code(cell_id: str, source: str, count: int, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "source": source,
        "execution_count": count,
        "outputs": outputs,
    }


def _display(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _result(data: dict[str, Any], count: int) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
