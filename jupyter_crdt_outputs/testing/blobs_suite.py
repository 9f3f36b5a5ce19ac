"""What the blobs of every store must do beside holding bytes, as housekeeping relies on it::

class TestMyBlobs(BlobsSuite):
    @pytest.fixture
    def open_blobs(self, tmp_path):
        return lambda: MyBlobs(tmp_path)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from ..errors import ArtifactMissing
from ..model.digest import Digest
from ..store.blobs import Blobs, Entry
from ..store.layout import Area, shard_of

BlobsOpener = Callable[[], Blobs]

DATA = b"an artifact" * 1000
DIGEST = Digest.of(DATA)
NOWHERE = Digest.of(b"never written")
CLOCKS_S = 300.0
"""How far the clock of a store may be off from ours."""


def put(blobs: Blobs, *several: bytes) -> list[Digest]:
    """Write each and return their names."""
    digests = [Digest.of(data) for data in several]
    blobs.write(dict(zip(digests, several, strict=True)))
    return digests


class BlobsSuite:
    """Override ``open_blobs``."""

    many = 300
    """How many blobs make a long listing."""

    has_times = True
    """Whether this file system says when a file was written."""

    @pytest.fixture
    def open_blobs(self) -> BlobsOpener:
        """Opens the same, at first empty, place each time it is called."""
        raise NotImplementedError

    @pytest.fixture
    def blobs(self, open_blobs: BlobsOpener) -> Blobs:
        """An empty place."""
        return open_blobs()

    @pytest.mark.parametrize("area", Area)
    def test_an_empty_area_lists_nothing(self, blobs: Blobs, area: Area) -> None:
        """Entries, before anything was written."""
        assert list(blobs.entries(area)) == []
        assert blobs.shards(area) == []
        assert blobs.entry(DIGEST, area) is None

    def test_a_listing_has_each_blob_once_with_its_size_and_time(self, blobs: Blobs) -> None:
        """Entries of all shards, of one, and of one blob."""
        several = [b"%d" % number * number for number in range(self.many)]
        digests = put(blobs, *several)
        entries = list(blobs.entries())
        shards = {shard_of(digest) for digest in digests}
        assert {entry.digest: entry.size for entry in entries} == {
            digest: len(data) for digest, data in zip(digests, several, strict=True)
        }
        assert len(entries) == len(set(digests))
        assert sorted(entry.digest for shard in shards for entry in blobs.entries(shard=shard)) == sorted(set(digests))
        if self.has_times:
            assert all(self.is_now(entry.modified) for entry in entries)
        assert self.is_same(blobs.entry(entries[0].digest), entries[0])
        assert {digest.hex[:2] for digest in digests} <= set(blobs.shards())

    @pytest.mark.parametrize(("source", "target"), list(permutations(Area, 2)))
    def test_a_moved_blob_is_in_the_other_area_alone_and_whole(self, blobs: Blobs, source: Area, target: Area) -> None:
        """Move, and back to where it can be read; there may be a copy left where it was."""
        put(blobs, DATA)
        assert source is Area.ARTIFACTS or blobs.move(DIGEST, Area.ARTIFACTS, source)
        assert blobs.move(DIGEST, source, target)
        where = [area for area in Area for entry in blobs.entries(area) if entry.digest == DIGEST]
        assert where == [target] or (target is Area.ARTIFACTS and sorted(where, key=str) == [target, source])
        entry = blobs.entry(DIGEST, target)
        assert entry is not None
        assert entry.size == len(DATA)
        assert target is Area.ARTIFACTS or blobs.move(DIGEST, target, Area.ARTIFACTS)
        assert blobs.read(DIGEST) == DATA

    def test_a_blob_that_lies_in_the_trash_is_no_artifact(self, blobs: Blobs) -> None:
        """Stat, read and touch mean the artifacts."""
        put(blobs, DATA)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert blobs.stat(DIGEST) is None
        assert blobs.touch(DIGEST) is None
        with pytest.raises(ArtifactMissing):
            blobs.read(DIGEST)

    def test_what_is_not_there_is_not_moved(self, blobs: Blobs) -> None:
        """Move, of what never was and of what went."""
        put(blobs, DATA)
        assert not blobs.move(NOWHERE, Area.ARTIFACTS, Area.TRASH)
        assert blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert not blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert [entry.digest for entry in blobs.entries(Area.TRASH)] == [DIGEST]

    def test_a_move_replaces_what_is_in_the_way(self, blobs: Blobs) -> None:
        """As when an artifact was written again after it went to the trash, and goes there again."""
        put(blobs, DATA)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        put(blobs, DATA)
        assert blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert blobs.move(DIGEST, Area.TRASH, Area.ARTIFACTS)
        assert blobs.read(DIGEST) == DATA

    def test_a_move_and_a_touch_make_a_blob_young(self, blobs: Blobs) -> None:
        """The times that the collector goes by."""
        put(blobs, DATA)
        times = [self.time_of(blobs, Area.ARTIFACTS)]
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        times.append(self.time_of(blobs, Area.TRASH))
        blobs.move(DIGEST, Area.TRASH, Area.ARTIFACTS)
        times.append(self.time_of(blobs, Area.ARTIFACTS))
        blobs.touch(DIGEST)
        times.append(self.time_of(blobs, Area.ARTIFACTS))
        assert times == sorted(times)
        assert not self.has_times or all(map(self.is_now, times))

    def test_a_touch_tells_what_it_made_of_the_stat_and_leaves_the_bytes(self, blobs: Blobs) -> None:
        """Touch."""
        put(blobs, DATA)
        found = blobs.stat(DIGEST)
        assert blobs.touch(DIGEST) == (found, blobs.stat(DIGEST))
        assert blobs.read(DIGEST) == DATA
        assert blobs.touch(NOWHERE) is None
        assert [entry.digest for entry in blobs.entries()] == [DIGEST]

    @pytest.mark.parametrize("area", Area)
    def test_what_is_removed_from_an_area_is_gone_from_there_alone(self, blobs: Blobs, area: Area) -> None:
        """Remove, twice."""
        put(blobs, DATA)
        for other in Area:
            if other is not Area.ARTIFACTS:
                assert blobs.move(DIGEST, Area.ARTIFACTS, other)
                put(blobs, DATA)
        blobs.remove(DIGEST, area)
        blobs.remove(DIGEST, area)
        assert {other for other in Area if list(blobs.entries(other))} == set(Area) - {area}

    def test_what_one_moves_another_sees(self, open_blobs: BlobsOpener) -> None:
        """Two servers on one store, also when the other has just listed it."""
        one, other = open_blobs(), open_blobs()
        put(one, DATA)
        assert [entry.digest for entry in other.entries()] == [DIGEST]
        one.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert other.stat(DIGEST) is None
        assert list(other.entries()) == []

    def test_of_many_that_move_a_blob_back_and_forth_nobody_loses_it(self, open_blobs: BlobsOpener) -> None:
        """Two collectors and a reader at once."""
        put(open_blobs(), DATA)

        def move(number: int) -> None:
            blobs = open_blobs()
            areas = (Area.ARTIFACTS, Area.TRASH) if number % 2 else (Area.TRASH, Area.ARTIFACTS)
            for _ in range(5):
                blobs.move(DIGEST, *areas)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(move, range(4)))
        blobs = open_blobs()
        assert blobs.stat(DIGEST) is not None or blobs.move(DIGEST, Area.TRASH, Area.ARTIFACTS)
        assert blobs.read(DIGEST) == DATA

    def test_after_a_flush_what_is_removed_stays_away(self, open_blobs: BlobsOpener) -> None:
        """Also for one who looks for what a crash may have left."""
        blobs = open_blobs()
        digests = put(blobs, *(b"small %d" % number for number in range(20)))
        assert blobs.flush()
        for digest in digests:
            blobs.remove(digest)
        assert list(open_blobs().entries()) == []

    def test_a_record_is_what_was_written_last(self, open_blobs: BlobsOpener) -> None:
        """Read, of all and of a part, write, list, delete."""
        records = open_blobs().records
        assert records.read("pins", "a-pin.1") is None
        assert list(records.list("pins")) == []
        records.write("pins", "a-pin.1", b"one")
        records.write("pins", "a-pin.1", DATA)
        records.write("pins", "empty", b"")
        records.write("marks", "a-pin.1", b"of another kind")
        assert open_blobs().records.read("pins", "a-pin.1") == DATA
        assert [records.read("pins", "a-pin.1", *part) for part in [(3, 20), (5, 5), (10,), (0, 1 << 20)]] == [
            DATA[3:20],
            b"",
            DATA[10:],
            DATA,
        ]
        listed = {record.name: record for record in open_blobs().records.list("pins")}
        assert {name: record.size for name, record in listed.items()} == {"a-pin.1": len(DATA), "empty": 0}
        assert not self.has_times or all(self.is_now(record.modified) for record in listed.values())
        records.delete("pins", "a-pin.1")
        records.delete("pins", "a-pin.1")
        assert [record.name for record in records.list("pins")] == ["empty"]
        assert list(open_blobs().entries()) == []

    def test_a_record_is_created_once(self, open_blobs: BlobsOpener) -> None:
        """Create: what is there stays."""
        assert open_blobs().records.create("leases", "collection", b"mine")
        assert not open_blobs().records.create("leases", "collection", b"yours")
        assert open_blobs().records.read("leases", "collection") == b"mine"
        open_blobs().records.delete("leases", "collection")
        assert open_blobs().records.create("leases", "collection", b"yours")

    @pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "A", "a b", "a" * 129, "\0"])
    def test_a_record_of_another_name_is_refused(self, blobs: Blobs, name: str) -> None:
        """Names become paths."""
        for work in (blobs.records.read, blobs.records.delete):
            with pytest.raises(ValueError, match="record"):
                work("pins", name)
            with pytest.raises(ValueError, match="record"):
                work(name, "pin")
        with pytest.raises(ValueError, match="record"):
            blobs.records.write("pins", name, b"")

    def time_of(self, blobs: Blobs, area: Area) -> float:
        """Of the one blob."""
        (entry,) = blobs.entries(area)
        assert self.is_same(blobs.entry(DIGEST, area), entry)
        return entry.modified or 0.0

    @staticmethod
    def is_same(entry: Entry | None, other: Entry) -> bool:
        """With times that some services tell in a listing to the millisecond, and round of a single file."""
        return (
            entry is not None
            and (entry.digest, entry.size) == (other.digest, other.size)
            and abs((entry.modified or 0.0) - (other.modified or 0.0)) <= 1.0
        )

    @staticmethod
    def is_now(modified: float | None) -> bool:
        """By a clock that may be off."""
        return modified is not None and abs(time.time() - modified) < CLOCKS_S
