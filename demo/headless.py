"""The demo notebook run as a browser would run it, and where its outputs then are."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

RERUN = {"image-of-a-megabyte": 10}
"""How often to run a cell: what is re-run is where shared documents grow."""

LARGE_BYTES = 20_000
"""An output above this has no business in the document."""


@dataclass(frozen=True)
class Row:
    """One cell of the table.

    Attributes:
        produced: bytes of JSON that the kernel sent as outputs, over all runs of the cell.
        in_document: bytes of JSON that the shared document holds in their place.
        artifacts: paths relative to the store.
    """

    cell: str
    produced: int
    in_document: int
    artifacts: tuple[str, ...]

    def __str__(self) -> str:
        runs = RERUN.get(self.cell, 1)
        name = self.cell if runs == 1 else f"{self.cell} x{runs}"
        where = _shorten(self.artifacts[0]) if self.artifacts else "in the document"
        more = f" and {len(self.artifacts) - 1} more" if len(self.artifacts) > 1 else ""
        return f"{name:<26}{self.produced:>14,}{self.in_document:>12,}  {where}{more}"


async def run(notebook: Path, home: Path) -> int:
    """Run a copy of *notebook* on a real server below *home*, and print what lies where. The store is kept.

    Returns:
        0, or 1 when a cell failed or an output is not where it should be.
    """
    store = home / "artifacts"
    config = {"CrdtOutputsApp": {"store_url": str(store)}}
    with LabServer(home, config=config) as server:
        shutil.copy(notebook, server.root_dir)
        async with LabClient.open(server, notebook.name) as tab:
            await tab.save()  # Answered after the tab has introduced itself, which a person is never faster than.
            passed = await tab.run_all()
            for cell_id, times in RERUN.items():
                for _ in range(times - 1):
                    passed = passed and await tab.run_cells([cell_id])
            await _settled(tab)
            await tab.save()
            in_document = {cell["id"]: cell["outputs"].to_py() for cell in tab.room.cells() if "outputs" in cell}
            document_bytes = len(tab.room.doc.get_update())
        saved = json.loads((server.root_dir / notebook.name).read_text())
    rows = [_row(cell, in_document[cell["id"]]) for cell in saved["cells"] if cell.get("outputs")]
    _print(rows, document_bytes, store)
    there = all((store / artifact).is_file() for row in rows for artifact in row.artifacts)
    left = all(row.artifacts for row in rows if row.produced > LARGE_BYTES)
    return 0 if passed and there and left and _no_reference_in(saved) else 1


async def _settled(tab: LabClient) -> None:
    """Wait until the server has written everything: it may lag behind the kernel's last word."""
    before = None
    while (now := tab.room.doc.get_state()) != before:
        before = now
        await asyncio.sleep(0.5)


def _row(cell: dict[str, Any], in_document: list[dict[str, Any]]) -> Row:
    produced = _size(cell["outputs"]) * RERUN.get(cell["id"], 1)
    artifacts = dict.fromkeys(key_of(digest) for output in in_document for digest in _digests(output))
    return Row(cell["id"], produced, _size(in_document), tuple(artifacts))


def _digests(output: dict[str, Any]) -> tuple[Digest, ...]:
    reference = reference_in(output)
    return () if reference is None else reference.digests


def _no_reference_in(saved: dict[str, Any]) -> bool:
    return REFERENCE_MIME_TYPE not in json.dumps(saved)


def _size(outputs: object) -> int:
    return len(json.dumps(outputs, ensure_ascii=False).encode())


def _shorten(path: str) -> str:
    return f"{path[:26]}…"


def _print(rows: list[Row], document_bytes: int, store: Path) -> None:
    produced, kept = sum(row.produced for row in rows), sum(row.in_document for row in rows)
    files = [path for path in store.rglob("*") if path.is_file()]
    print(f"{'cell':<26}{'bytes produced':>14}{'in document':>12}  artifact")
    for row in rows:
        print(row)
    print(f"{'total':<26}{produced:>14,}{kept:>12,}  {len(files)} files, {_total(files):,} bytes, in {store}")
    print(f"The document holds {produced / kept:,.0f} times less than was produced.")
    print(f"All of it, with its code and its history of edits, is {document_bytes:,} bytes to a browser that joins.")


def _total(files: list[Path]) -> int:
    return sum(path.stat().st_size for path in files)
