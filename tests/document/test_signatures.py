"""The database of signatures is asked and told where it holds nobody up."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbformat.sign import MemorySignatureStore, NotebookNotary

from jupyter_crdt_outputs.document.signatures import Signatures

LOG = logging.getLogger(__name__)


async def test_what_is_added_others_find_and_what_others_add_is_found(tmp_path: Path) -> None:
    with closing(NotebookNotary(data_dir=str(tmp_path))) as notary:
        signatures = Signatures(SimpleNamespace(notary=notary), LOG)
        try:
            await signatures.add("ours")
            assert notary.store.check_signature("ours", notary.algorithm)
            notary.store.store_signature("theirs", notary.algorithm)
            assert await signatures.has("theirs")
            assert not await signatures.has("nobody's")
        finally:
            signatures.stop()


async def test_a_database_that_somebody_has_locked_does_not_hold_up_the_event_loop(tmp_path: Path) -> None:
    with closing(NotebookNotary(data_dir=str(tmp_path))) as notary:
        signatures = Signatures(SimpleNamespace(notary=notary), LOG)
        try:
            await signatures.add("before")
            with closing(sqlite3.connect(notary.db_file, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                adding = asyncio.ensure_future(signatures.add("meanwhile"))
                await asyncio.sleep(0.1)
                assert not adding.done()
                other.execute("COMMIT")
            await adding
            assert await signatures.has("meanwhile")
        finally:
            signatures.stop()


async def test_a_database_that_cannot_be_written_is_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(NotebookNotary(data_dir=str(tmp_path))) as notary:
        signatures = Signatures(SimpleNamespace(notary=notary), LOG)
        try:
            await signatures.add("lost")
            Path(notary.db_file).write_bytes(b"this is no database" * 1000)
            await signatures.add("kept")
            assert "starting anew" in caplog.text
            assert await signatures.has("kept")
            assert notary.store.check_signature("kept", notary.algorithm)
        finally:
            signatures.stop()


async def test_signatures_that_are_in_memory_are_used_where_they_are() -> None:
    store = MemorySignatureStore()
    signatures = Signatures(SimpleNamespace(notary=SimpleNamespace(store=store, algorithm="sha256")), LOG)
    await signatures.add("a")
    assert store.check_signature("a", "sha256")
    assert await signatures.has("a")
    signatures.stop()
