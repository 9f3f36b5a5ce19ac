"""What a server's files reach: nothing is passed over, and nothing is read twice without need."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pycrdt import Array, Doc, Map

from jupyter_crdt_outputs.errors import RootUnreadable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.segments import Segment, to_index
from jupyter_crdt_outputs.store.collection import root_files, roots
from jupyter_crdt_outputs.store.collection.marking import Marker, mark_for
from jupyter_crdt_outputs.store.collection.marks import MarkReader
from jupyter_crdt_outputs.store.collection.members import Member, members_of, register
from jupyter_crdt_outputs.store.collection.references import references_in
from jupyter_crdt_outputs.store.collection.root_files import chunks
from jupyter_crdt_outputs.store.collection.roots import FileRoots
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

DIGESTS = [Digest.of(b"%d" % number) for number in range(8)]
REFERENCE = "application/vnd.jupyter-crdt-outputs.ref.v1+json"


def output(digest: Digest, *, is_index: bool = False) -> dict[str, object]:
    part = {"sha256": digest.hex, "size": 5.0, "encoding": "utf-8"}
    value: dict[str, object] = {"kind": "bundle", "parts": {"text/html": part}}
    if is_index:
        value = {"kind": "stream", "name": "stdout", "size": 9.0, "lines": 3.0, "index": part}
    return {"output_type": "display_data", "data": {REFERENCE: value, "text/plain": "…"}, "metadata": {}}


def notebook(*digests: Digest, is_index: bool = False) -> bytes:
    cell = {"cell_type": "code", "outputs": [output(digest, is_index=is_index) for digest in digests]}
    return json.dumps({"cells": [cell]}, indent=1).encode()


def update(*digests: Digest, is_index: bool = False) -> bytes:
    doc: Doc[Any] = Doc()
    cells: Array[Any] = Array()
    doc["cells"] = cells
    cells.append(Map({"outputs": Array([Map(output(digest, is_index=is_index)) for digest in digests])}))
    return doc.get_update()


def digests(found: FileRoots) -> set[str]:
    return {each.digest.hex() for each in found()}


@pytest.mark.parametrize("step", [1, 7, 63, 64, 65, 1000])
def test_a_digest_is_found_however_the_bytes_are_cut(step: int) -> None:
    text = update(*DIGESTS) + b"\n" + DIGESTS[0].hex.encode() + notebook(*DIGESTS)
    found = references_in([text[start : start + step] for start in range(0, len(text), step)])
    assert {each.digest.hex() for each in found} >= {digest.hex for digest in DIGESTS}


@pytest.mark.parametrize("make", [notebook, update])
def test_the_index_of_a_stream_is_known_as_one(make: object) -> None:
    """Its segments are named nowhere else."""
    assert callable(make)
    for digest in DIGESTS:
        text = make(digest, is_index=True)
        for pieces in ([text], [text[start : start + 50] for start in range(0, len(text), 50)]):
            assert any(each.may_be_index for each in references_in(pieces) if each.digest.hex() == digest.hex)
    assert not any(each.may_be_index for each in references_in([make(DIGESTS[0])]))


def test_everything_that_a_server_keeps_is_looked_through(tmp_path: Path) -> None:
    root, data, further = tmp_path / "root", tmp_path / "data", tmp_path / "further"
    (root / "deep" / ".ipynb_checkpoints").mkdir(parents=True)
    (root / "a.ipynb").write_bytes(notebook(DIGESTS[0]))
    (root / "deep" / ".ipynb_checkpoints" / "b-checkpoint.ipynb").write_bytes(notebook(DIGESTS[1]))
    (root / "complete.ipynb").write_bytes(b'"%s"' % DIGESTS[7].hex.encode())
    further.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "c.ipynb").write_bytes(notebook(DIGESTS[2]))
    (further / "link").symlink_to(tmp_path / "elsewhere")
    (further / "loop").symlink_to(further)
    (data / roots.JOURNAL).mkdir(parents=True)
    (data / roots.JOURNAL / "x.current").write_bytes(update(DIGESTS[3]))
    (data / roots.LOGS / "1").mkdir(parents=True)
    (data / roots.LOGS / "1" / "index").write_bytes(b"%s 5 1\n" % DIGESTS[4].hex.encode())
    found = FileRoots([root, further], data, history_of(tmp_path, update(DIGESTS[5])))
    assert digests(found) == {digest.hex for digest in DIGESTS[:6]}


def test_a_compressed_history_is_understood(tmp_path: Path) -> None:
    history = history_of(tmp_path, zlib.compress(update(DIGESTS[0]) * 50))
    assert digests(FileRoots([], tmp_path, history)) == set()
    assert digests(FileRoots([], tmp_path, history, zlib.decompress)) == {DIGESTS[0].hex}


def test_a_history_that_cannot_be_read_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(RootUnreadable, match=r"history\.db"):
        digests(FileRoots([], tmp_path, tmp_path / "history.db"))


def test_a_folder_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    """It may be a disk that is not mounted."""
    with pytest.raises(RootUnreadable, match="gone"):
        digests(FileRoots([tmp_path / "gone"], tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_a_notebook_that_cannot_be_read_stops_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.ipynb").symlink_to(tmp_path / "a.ipynb")
    with pytest.raises(RootUnreadable, match=r"a\.ipynb"):
        digests(FileRoots([tmp_path], tmp_path))


@pytest.mark.parametrize("size", [7, 30, 100])
def test_a_reference_is_found_wherever_a_notebook_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(root_files, "_READ_BYTES", size)
    (tmp_path / "a.ipynb").write_bytes(notebook(DIGESTS[0]))
    assert digests(FileRoots([tmp_path], tmp_path)) == {DIGESTS[0].hex}


def test_a_notebook_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook(DIGESTS[0]))
    os.utime(path, (1.0, 1.0))
    reads: list[int] = []

    def watched(file: BinaryIO) -> Iterator[bytes]:
        reads.append(1)
        return chunks(file)

    monkeypatch.setattr(roots, "chunks", watched)
    found = FileRoots([tmp_path], tmp_path)
    assert digests(found) == digests(found) == {DIGESTS[0].hex}
    assert len(reads) == 2, "once to see that it has references, once to find them"
    path.write_bytes(notebook(DIGESTS[1]))
    assert digests(found) == digests(found) == {DIGESTS[1].hex}
    assert len(reads) == 6, "what was written just now may be written again within a tick"


def test_a_mark_has_the_segments_of_long_streams_and_is_not_written_when_something_is_unreadable(
    tmp_path: Path,
) -> None:
    blobs = LocalBlobs(tmp_path / "store")
    store = VerifiedStore(blobs)
    segments = [b"line\n" * 100, b"more\n"]
    index = to_index(Segment.of(data) for data in segments)
    store.put_many([*segments, index])
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.ipynb").write_bytes(notebook(Digest.of(index), is_index=True))
    marker = Marker(blobs.records, "me", store, [FileRoots([root], tmp_path)])
    mark = marker.mark(lambda: references_in([update(DIGESTS[0])]), began=7.0)
    assert mark.began == 7.0
    reader = MarkReader(blobs.records, mark)
    expected = {Digest.of(data).hex for data in [*segments, index]} | {DIGESTS[0].hex}
    assert {each.hex() for number in range(256) for each in reader.shard(number)} == expected
    reader.close()
    (root / "b.ipynb").symlink_to(root / "b.ipynb")
    with pytest.raises(RootUnreadable):
        marker.mark()
    assert [record.name for record in blobs.records.list("marks")] == [mark.name]


def test_a_mark_can_be_made_for_a_server_that_is_down(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "store")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.ipynb").write_bytes(notebook(DIGESTS[0]))
    history = history_of(tmp_path, update(DIGESTS[1]))
    member = Member("me", "here", str(tmp_path), str(tmp_path / "root"), 1.0, (str(tmp_path / "root"),), str(history))
    assert register(blobs.records, member) == member
    (registered,) = members_of(blobs.records)
    mark = mark_for(blobs.records, registered, VerifiedStore(blobs), lambda: 5.0)
    assert (mark.member, mark.began) == ("me", 5.0)
    reader = MarkReader(blobs.records, mark)
    assert len(reader) == 2
    reader.close()
    with pytest.raises(RootUnreadable):
        mark_for(blobs.records, Member("me", "here", "", "", 1.0), VerifiedStore(blobs))


def history_of(folder: Path, content: bytes) -> Path:
    path = folder / "history.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute('CREATE TABLE "any ""name" (path TEXT, bytes BLOB, number REAL)')
    connection.execute("CREATE TABLE kinds (name TEXT)")
    connection.execute('INSERT INTO "any ""name" VALUES (?, ?, 1.5)', (None, content))
    connection.execute("INSERT INTO kinds VALUES ('not compressed')")
    connection.commit()
    connection.close()
    return path
