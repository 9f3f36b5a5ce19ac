"""Quota, touches and purging."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactRemoved, StoreFull, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.segments import Segment, to_index
from jupyter_crdt_outputs.store.collection import purge as purging
from jupyter_crdt_outputs.store.collection import touches as touching
from jupyter_crdt_outputs.store.collection.pins import pin, pins_of
from jupyter_crdt_outputs.store.collection.purge import purge
from jupyter_crdt_outputs.store.collection.quota import QuotaStore
from jupyter_crdt_outputs.store.collection.touches import Touches
from jupyter_crdt_outputs.store.layout import Area
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .test_roots import output

DATA = b"an artifact" * 100
DIGEST = Digest.of(DATA)


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "store")


class TestQuota:
    def test_what_would_go_beyond_it_is_refused_and_what_is_there_can_be_read(self, blobs: LocalBlobs) -> None:
        warnings: list[str] = []
        store = QuotaStore(VerifiedStore(blobs), 1000, warnings.append)
        assert store.used_bytes is None
        assert store.count(blobs) == 0
        digest = store.put(b"a" * 500)
        assert store.put(b"a" * 500) == digest
        assert store.used_bytes == 500, "equal artifacts count once"
        assert warnings == []
        store.put_many([b"b" * 400])
        (warning,) = warnings
        assert "900 B of the 1.0 kB" in warning
        with pytest.raises(StoreFull, match="quota"):
            store.put(b"c" * 101)
        store.put(b"c" * 100)
        assert store.get(digest) == b"a" * 500
        assert len(warnings) == 1
        assert sum(1 for _ in blobs.entries()) == 3

    def test_a_count_sees_what_others_added_and_what_is_in_the_trash(self, blobs: LocalBlobs) -> None:
        warnings: list[str] = []
        VerifiedStore(blobs).put_many([b"a" * 600, b"b" * 400])
        blobs.move(Digest.of(b"a" * 600), Area.ARTIFACTS, Area.TRASH)
        store = QuotaStore(VerifiedStore(blobs), 1000, warnings.append)
        store.put(b"taken, since nobody has counted")
        assert store.count(blobs) == 1031
        assert len(warnings) == 1
        with pytest.raises(StoreFull):
            store.put(b"x")
        for area in Area:
            blobs.remove(Digest.of(b"a" * 600), area)
        store.count(blobs)
        store.put(b"x")


class TestTouches:
    def test_what_a_document_refers_to_is_young_and_back_from_the_trash(self, blobs: LocalBlobs) -> None:
        """The segments of a long stream, too, which only its index names."""
        store = VerifiedStore(blobs)
        segments = [b"line\n" * 100, b"more\n"]
        index = to_index(Segment.of(data) for data in segments)
        everything = store.put_many([DATA, index, *segments])
        for digest in everything:
            blobs.move(digest, Area.ARTIFACTS, Area.TRASH)
        touches = Touches(lambda: VerifiedStore(blobs), logging.getLogger())
        touches.seen_in({"cells": [{"outputs": [output(DIGEST), output(everything[1], is_index=True), {"odd": 1}]}]})
        touches.stop()
        assert {entry.digest for entry in blobs.entries()} == set(everything)

    def test_it_is_tried_again_until_the_store_answers_and_then_left_for_a_day(
        self, blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(touching, "_RETRY_S", 0.01)
        VerifiedStore(blobs).put(DATA)
        calls: list[int] = []
        now = 1e6

        def opened() -> VerifiedStore:
            calls.append(1)
            if len(calls) < 3:
                raise StoreUnavailable("for a test")
            return VerifiedStore(blobs)

        touches = Touches(opened, logging.getLogger(), lambda: now)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        touches.seen_in({"cells": [{"outputs": [output(DIGEST)]}]})
        while blobs.stat(DIGEST) is None:
            pass
        touches.seen_in({"cells": [{"outputs": [output(DIGEST)]}]})
        now += 24 * 3600
        touches.seen_in({"cells": [{"outputs": [output(DIGEST)]}]})
        touches.stop()
        assert len(calls) == 4
        touches.seen_in({"cells": [{"outputs": [output(Digest.of(b"after the end"))]}]})


class TestPurge:
    def test_a_purged_artifact_is_nowhere_and_is_refused(self, blobs: LocalBlobs) -> None:
        store = VerifiedStore(blobs)
        for area in (Area.QUARANTINE, Area.TRASH):
            store.put(DATA)
            blobs.move(DIGEST, Area.ARTIFACTS, area)
        VerifiedStore(blobs).put(DATA)
        pin(blobs.records, DIGEST)
        elsewhere: list[Digest] = []
        purged = purge(blobs, DIGEST, elsewhere=[elsewhere.append])
        assert set(purged.areas) == set(Area)
        assert purged.is_complete
        assert elsewhere == [DIGEST]
        assert pins_of(blobs.records) == set()
        assert all(blobs.entry(DIGEST, area) is None for area in Area)
        assert purge(blobs, DIGEST).areas == ()
        fresh = VerifiedStore(blobs)
        fresh.put(DATA)
        with pytest.raises(ArtifactRemoved):
            fresh.get(DIGEST)

    def test_the_tombstone_is_there_before_anything_goes(
        self, blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A crash in between errs on the side of removed."""
        VerifiedStore(blobs).put(DATA)
        monkeypatch.setattr(blobs, "flush", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            purge(blobs, DIGEST)
        with pytest.raises(ArtifactRemoved):
            VerifiedStore(blobs).get(DIGEST)

    def test_what_another_server_has_just_written_and_then_died_does_not_come_back(self, tmp_path: Path) -> None:
        """Its commit file still has the bytes, and whoever opens the store next writes again what is in there."""
        writer = (
            "import os, sys; from jupyter_crdt_outputs.store import open_store\n"
            "open_store(sys.argv[1]).put_many([b'small %d' % number for number in range(9)]); os._exit(0)"
        )
        purger = LocalBlobs(tmp_path)
        purger.flush()
        subprocess.run([sys.executable, "-c", writer, str(tmp_path)], check=True)
        digest = Digest.of(b"small 3")
        assert not purge(purger, digest, wait_s=0.0).is_complete
        after = LocalBlobs(tmp_path)
        assert after.stat(Digest.of(b"small 4")) is not None
        assert after.stat(digest) is None
        assert purge(after, digest).is_complete

    def test_it_waits_for_a_server_that_has_just_written(
        self, blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = iter([False, False, True])
        monkeypatch.setattr(blobs, "flush", lambda: next(answers))
        monkeypatch.setattr(purging, "_ASKED_EVERY_S", 0.0)
        assert purge(blobs, DIGEST).is_complete
