"""What an open notebook shows is in the mark, also when neither a file nor the history has it."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pycrdt import Array, Doc, Map

from jupyter_crdt_outputs.document.housekeeping import Housekeeping
from jupyter_crdt_outputs.errors import RootUnreadable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.collection.marks import MarkReader, marks_of
from jupyter_crdt_outputs.store.collection.rules import Rules
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

SHOWN = Digest.of(b"shown")


class OpenRooms(list[Any]):
    """As many as a server has open, without a server."""

    def history(self) -> tuple[None, None]:
        return None, None


def housekeeping(tmp_path: Path, *folders: Path) -> tuple[Housekeeping, LocalBlobs]:
    doc: Doc[Any] = Doc()
    doc["cells"] = Array([Map({"outputs": Array([Map({"data": {"sha256": SHOWN.hex}})])})])
    blobs = LocalBlobs(tmp_path / "store")
    store = VerifiedStore(blobs)
    rooms: Any = OpenRooms([SimpleNamespace(doc=doc)])
    return Housekeeping(lambda: store, store, rooms, tmp_path, folders, Rules(), 0, None, logging.getLogger()), blobs


async def test_what_an_open_notebook_shows_is_in_the_mark(tmp_path: Path) -> None:
    keeper, blobs = housekeeping(tmp_path, tmp_path)
    await keeper.mark()
    (mark,) = marks_of(blobs.records)
    reader = MarkReader(blobs.records, mark)
    assert bytes.fromhex(SHOWN.hex) in reader.shard(int(SHOWN.hex[:2], 16))
    reader.close()


async def test_without_folders_to_look_through_there_is_no_mark(tmp_path: Path) -> None:
    keeper, blobs = housekeeping(tmp_path)
    await keeper.mark()
    assert marks_of(blobs.records) == []


async def test_a_folder_that_is_gone_stops_the_collection(tmp_path: Path) -> None:
    keeper, blobs = housekeeping(tmp_path, tmp_path / "gone")
    with pytest.raises(RootUnreadable):
        await keeper.collect()
    assert marks_of(blobs.records) == []
