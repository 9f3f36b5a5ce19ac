"""What a store does for the collector when somebody puts, reads and refers to artifacts; and what is gone for good."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactCorrupt, ArtifactMissing, ArtifactRemoved, CrdtOutputsError
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.in_file import from_file
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.store.blobs import Blobs
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.records import Record
from jupyter_crdt_outputs.store.tombstones import Tombstones
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

DAY = 24 * 3600.0
DATA = b"an artifact" * 1000
DIGEST = Digest.of(DATA)


@pytest.fixture(params=["local", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return open_blobs(str(tmp_path / "store") if request.param == "local" else f"memory://{uuid.uuid4().hex}/outputs")


class TestTrash:
    @pytest.mark.parametrize(
        "look",
        [
            lambda store: store.get(DIGEST),
            lambda store: store.read(DIGEST, 3, 9),
            lambda store: store.read(DIGEST, 0, 0),
            lambda store: store.size(DIGEST),
            lambda store: store.verify(DIGEST),
        ],
        ids=["get", "read", "read nothing", "size", "verify"],
    )
    @pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
    def test_one_look_brings_an_artifact_back(
        self, blobs: Blobs, look: Callable[[VerifiedStore], object], is_known: bool
    ) -> None:
        store = VerifiedStore(blobs)
        store.put(DATA)
        expected = look(store)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert look(store if is_known else VerifiedStore(blobs)) == expected
        assert blobs.read(DIGEST) == DATA

    def test_a_reference_brings_an_artifact_back(self, blobs: Blobs) -> None:
        VerifiedStore(blobs).put(DATA)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        VerifiedStore(blobs).touch([DIGEST])
        assert blobs.read(DIGEST) == DATA

    def test_a_put_brings_an_artifact_back(self, blobs: Blobs) -> None:
        store = VerifiedStore(blobs)
        store.put(DATA)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        store.put(DATA)
        assert blobs.read(DIGEST) == DATA


class TestAge:
    def test_a_put_makes_young_what_is_old_and_a_read_does_not(self, tmp_path: Path) -> None:
        """Else backups and indexers would keep everything for ever."""
        blobs, path = grown_old(tmp_path)
        store = VerifiedStore(blobs)
        store.get(DIGEST)
        store.read(DIGEST, 0, 5)
        assert path.stat().st_mtime == 1.0
        store.put(DATA)
        assert path.stat().st_mtime > 1.0

    def test_a_reference_makes_young_what_is_old_once_a_day(self, tmp_path: Path) -> None:
        blobs, path = grown_old(tmp_path)
        now = path.stat().st_ctime
        store = VerifiedStore(blobs, lambda: now)
        missing = Digest.of(b"missing")
        store.touch([DIGEST, DIGEST, missing])
        assert path.stat().st_mtime > 1.0
        os.utime(path, (1.0, 1.0))
        now += DAY - 1
        store.touch([DIGEST])
        store.put(DATA)
        assert path.stat().st_mtime == 1.0
        now += 1
        store.touch([DIGEST])
        assert path.stat().st_mtime > 1.0

    def test_where_times_cannot_be_set_it_is_touched_all_the_same(self) -> None:
        blobs = open_blobs(f"memory://{uuid.uuid4().hex}/outputs")
        VerifiedStore(blobs).put(DATA)
        (before,) = blobs.entries()
        assert before.modified is not None
        later = before.modified + 2 * DAY
        time.sleep(1.1)  # times are told in whole seconds
        VerifiedStore(blobs, lambda: later).put(DATA)
        (after,) = blobs.entries()
        assert after.modified is not None
        assert after.modified > before.modified

    def test_what_went_between_the_look_and_the_touch_is_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """I1: a put that is skipped for an artifact that goes at this moment is no put."""
        blobs, _ = grown_old(tmp_path)
        touch = blobs.touch
        monkeypatch.setattr(
            blobs, "touch", lambda digest: (blobs.move(digest, Area.ARTIFACTS, Area.TRASH), touch(digest))[1]
        )
        VerifiedStore(blobs).put(DATA)
        assert blobs.read(DIGEST) == DATA

    def test_a_touch_makes_nobody_hash_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        blobs, _ = grown_old(tmp_path)
        store = VerifiedStore(blobs)
        store.read(DIGEST, 0, 5)
        reads: list[int] = []
        read = blobs.read

        def watched(digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
            reads.append((len(DATA) if stop is None else stop) - start)
            return read(digest, start, stop)

        monkeypatch.setattr(blobs, "read", watched)
        store.touch([DIGEST])
        assert store.read(DIGEST, 0, 5) == DATA[:5]
        assert reads == []

    def test_a_touch_does_not_hide_damage(self, tmp_path: Path) -> None:
        blobs, path = grown_old(tmp_path)
        store = VerifiedStore(blobs)
        store.read(DIGEST, 0, 5)
        path.write_bytes(DATA[:-1] + b"x")
        store.touch([DIGEST])
        with pytest.raises(ArtifactCorrupt):
            store.read(DIGEST, 0, 5)


class TestQuarantine:
    def test_what_was_set_aside_is_damaged_not_missing_and_a_put_heals_it(self, blobs: Blobs) -> None:
        store = VerifiedStore(blobs)
        store.put(DATA)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.QUARANTINE)
        for look in (store.get, store.size, store.verify):
            with pytest.raises(ArtifactCorrupt, match=DIGEST.hex):
                look(DIGEST)
        store.put(DATA)
        assert store.get(DIGEST) == DATA
        assert blobs.entry(DIGEST, Area.QUARANTINE) is not None, "kept for whoever wants to know why"


class TestTombstones:
    """What was removed for good."""

    @pytest.fixture
    def store(self, blobs: Blobs) -> VerifiedStore:
        store = VerifiedStore(blobs)
        store.put(DATA)
        Tombstones(blobs.records, blobs.where, lambda: 86400.0).add(DIGEST)
        blobs.remove(DIGEST)
        return VerifiedStore(blobs)

    def test_its_bytes_are_not_taken_again(self, store: VerifiedStore) -> None:
        assert store.put_many([b"other", DATA]) == [Digest.of(b"other"), DIGEST]
        assert list(store.digests()) == [Digest.of(b"other")]

    @pytest.mark.parametrize("verb", ["get", "size", "verify", "read"])
    def test_its_place_says_since_when_it_is_empty(self, store: VerifiedStore, verb: str) -> None:
        with pytest.raises(ArtifactRemoved, match=r"^removed on 1970-01-02.*" + DIGEST.hex) as caught:
            getattr(store, verb)(DIGEST, *((0, 5) if verb == "read" else ()))
        assert (caught.value.http_status, caught.value.exit_code) == (410, 8)

    def test_bytes_that_are_there_nevertheless_are_not_shown(self, blobs: Blobs, store: VerifiedStore) -> None:
        """A server that did not know yet wrote them again."""
        blobs.write({DIGEST: DATA})
        for look in (store.get, store.size, store.verify, lambda digest: store.read(digest, 0, 1)):
            with pytest.raises(ArtifactRemoved):
                look(DIGEST)

    def test_it_is_no_longer_known_as_missing(self, blobs: Blobs, store: VerifiedStore) -> None:
        other = Digest.of(b"never put")
        with pytest.raises(ArtifactMissing) as caught:
            store.get(other)
        assert not isinstance(caught.value, ArtifactRemoved)

    def test_a_notebook_is_saved_with_the_reference_in_its_place(self, store: VerifiedStore) -> None:
        part = {"sha256": DIGEST.hex, "size": len(DATA), "encoding": "utf-8"}
        reference = {"kind": "bundle", "parts": {"text/html": part}}
        output = {
            "output_type": "display_data",
            "data": {"application/vnd.jupyter-crdt-outputs.ref.v1+json": reference, "text/plain": "<html>"},
            "metadata": {},
        }
        problems: list[str] = []
        [kept] = Archive(store, Policy()).restore_outputs([output], problems)
        assert from_file(kept) == output
        assert "not in this file" in kept["data"]["text/plain"]
        assert "removed on 1970-01-02" in problems[0]

    def test_a_tombstone_of_another_process_is_seen_within_a_minute_and_costs_no_listing_in_between(
        self, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 0.0
        store = VerifiedStore(blobs, lambda: now)
        listings: list[str] = []
        list_records = blobs.records.list

        def watched(kind: str) -> Iterator[Record]:
            listings.append(kind)
            return list_records(kind)

        monkeypatch.setattr(blobs.records, "list", watched)
        store.put(b"first")
        Tombstones(blobs.records, blobs.where).add(DIGEST)
        now = 59.0
        for number in range(50):
            store.put(b"%d" % number)
        assert len(listings) == 1
        now = 60.0
        store.put(DATA)
        assert blobs.stat(DIGEST) is None
        assert len(listings) == 2

    def test_a_reader_sees_the_tombstone_as_soon_as_the_bytes_are_gone(self, blobs: Blobs) -> None:
        store = VerifiedStore(blobs)
        store.put(DATA)
        Tombstones(blobs.records, blobs.where).add(DIGEST)
        blobs.remove(DIGEST)
        with pytest.raises(ArtifactRemoved):
            store.get(DIGEST)

    def test_the_first_date_stays(self, blobs: Blobs, store: VerifiedStore) -> None:
        Tombstones(blobs.records, blobs.where).add(DIGEST)
        with pytest.raises(CrdtOutputsError, match="1970-01-02"):
            store.get(DIGEST)


def grown_old(root: Path) -> tuple[LocalBlobs, Path]:
    """A store with an artifact that was written long ago, and its file."""
    blobs = LocalBlobs(root)
    blobs.write({DIGEST: DATA})
    path = root / key_of(DIGEST)
    os.utime(path, (1.0, 1.0))
    return blobs, path
