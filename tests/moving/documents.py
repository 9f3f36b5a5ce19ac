"""A notebook that is open without a kernel, and what of it is where."""

from __future__ import annotations

import asyncio
import json
import urllib.error
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pycrdt import Array, Map, Text

from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.testing.lab_client.notebook import SharedNotebook
from jupyter_crdt_outputs.testing.lab_client.room import Room
from jupyter_crdt_outputs.testing.server import LabServer

_USER = {"username": "test", "name": "Test", "display_name": "Test", "initials": "T"}


class Document(SharedNotebook):
    """A notebook as a tab has it."""

    def __init__(self, server: LabServer, path: str) -> None:
        super().__init__(Room(server, path))
        self.server = server
        self.path = path
        self._saves = 0

    async def filled(self) -> None:
        """Wait for the outputs: those of a large notebook come after its code."""
        cells = json.loads((self.server.root_dir / self.path).read_bytes())["cells"]
        counts = [len(cell.get("outputs", [])) for cell in cells]
        await self.wait_until(lambda: [len(cell.get("outputs", [])) for cell in self.room.cells()] == counts)

    async def save(self) -> dict[str, Any]:
        """Save, and return what the file has then."""
        async with asyncio.timeout(30):
            while True:
                self._saves += 1
                assert await self.room.save(self._saves) in ("success", "skipped")
                content: dict[str, Any] = json.loads((self.server.root_dir / self.path).read_bytes())
                if ["".join(cell["source"]) for cell in content["cells"]] == self._sources():
                    return content
                await asyncio.sleep(0.05)  # it is not saved while it is filled

    def _sources(self) -> list[str]:
        return [str(cell["source"]) for cell in self.room.cells()]

    async def edit(self) -> dict[str, Any]:
        """Type something and save."""
        self.set_source(self.cell_ids()[0], f"# edit {self._saves}")
        return await self.save()

    def copied(self, index: int) -> dict[str, Any]:
        """A cell as JupyterLab's clipboards have it: the document's form, without its id."""
        cell: dict[str, Any] = self.room.cells()[index].to_py() or {}
        return {key: value for key, value in cell.items() if key not in ("id", "execution_state")}

    def paste(self, cell: dict[str, Any]) -> None:
        """Append a copied cell, as JupyterLab pastes."""
        cell_id = self.insert_cell(len(self.cell_ids()), "", metadata=cell["metadata"])
        pasted = self.cell(cell_id)
        outputs: Array[Any] = pasted["outputs"]
        with self.room.edit():
            text: Text = pasted["source"]
            text += cell["source"]
            for output in cell["outputs"]:
                outputs.append(Map(output))


@asynccontextmanager
async def opened(server: LabServer, path: str) -> AsyncIterator[Document]:
    """The notebook, until it is closed."""
    document = Document(server, path)
    try:
        await document.room.open(_USER)
        await document.filled()
        yield document
    finally:
        await document.room.close()


def digests(outputs: list[Any]) -> list[str]:
    """What outputs refer to."""
    return [digest.hex for output in outputs if (found := reference_in(output)) for digest in found.digests]


def is_served(server: LabServer, digest: str) -> bool:
    """Whether a browser gets the artifact from this server."""
    try:
        server.request(f"api/crdt-outputs/artifacts/{digest}")
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return False
    return True


def written(store: Path) -> dict[str, int]:
    """Every artifact of a local store, with what is another when it is written again."""
    return {path.name: path.stat().st_ino for path in (store / "sha256").rglob("*") if path.is_file()}
