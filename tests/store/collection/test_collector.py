"""What goes, what stays, and the traces on which simpler rules lose something."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactMissing, CollectionRunning, InvalidSetting, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.blobs import Entry
from jupyter_crdt_outputs.store.collection import lease, members
from jupyter_crdt_outputs.store.collection.digest_set import DigestSet
from jupyter_crdt_outputs.store.collection.marks import MarkReader, marks_of, write_mark
from jupyter_crdt_outputs.store.collection.pins import pin, pins_of, unpin
from jupyter_crdt_outputs.store.collection.report import Fate, Report
from jupyter_crdt_outputs.store.collection.rules import DAY_S, Rules
from jupyter_crdt_outputs.store.layout import Area
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.tombstones import Tombstones

from .world import GRACE_S, HOUR_S, Crash, Crashed, Server, TimedBlobs, World

A, B, C = b"a" * 100, b"b" * 200, b"c" * 300


@pytest.fixture(params=["local", "memory"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(
        open_blobs(str(tmp_path / "store") if request.param == "local" else f"memory://{uuid.uuid4().hex}/outputs")
    )


@pytest.fixture
def server(world: World) -> Server:
    return Server(world, "one")


def after_listing(area: Area, happens: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, between the listing of something in *area* and what is made of it."""
    entries, once = TimedBlobs.entries, iter([happens])

    def listed(blobs: TimedBlobs, of: Area = Area.ARTIFACTS, shard: str | None = None) -> Iterator[Entry]:
        found = list(entries(blobs, of, shard))
        if found and of is area:
            next(once, lambda: None)()
        return iter(found)

    monkeypatch.setattr(TimedBlobs, "entries", listed)


def fates(report: Report) -> dict[Fate, tuple[int, int]]:
    return {fate: (tally.count, tally.bytes) for fate, tally in report.tallies.items() if tally.count}


class TestWhatGoes:
    def test_what_nobody_refers_to_goes_to_the_trash_after_grace_and_for_good_after_another(
        self, world: World, server: Server
    ) -> None:
        kept, dropped = server.run("a", A), server.run("a", B)
        server.documents["a"].remove(dropped)
        world.pass_time(GRACE_S)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.MARKED: (1, 100), Fate.YOUNG: (1, 200)}
        world.pass_time(2 * HOUR_S)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.MARKED: (1, 100), Fate.TRASHED: (1, 200)}
        assert world.where(dropped) == [Area.TRASH]
        world.pass_time(GRACE_S)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.MARKED: (1, 100), Fate.WAITING: (1, 200)}
        world.pass_time(2 * HOUR_S)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.MARKED: (1, 100), Fate.REMOVED: (1, 200)}
        assert world.where(dropped) == []
        assert world.where(kept) == [Area.ARTIFACTS]
        with pytest.raises(ArtifactMissing):
            server.store.get(dropped)

    def test_looking_tells_the_same_and_changes_nothing(self, world: World, server: Server) -> None:
        changes: list[str] = []
        trashed, marked = server.run("a", A), server.run("b", B)
        del server.documents["a"]
        world.pass_time(GRACE_S + 2 * HOUR_S)
        server.mark()
        looked = world.collector(before_change=changes.append).look()
        assert changes == []
        assert looked.is_dry
        assert world.where(trashed) == world.where(marked) == [Area.ARTIFACTS]
        assert looked.tallies == world.collector().collect().tallies

    def test_a_store_that_no_server_uses_keeps_everything(self, world: World) -> None:
        digest = world.store_class(world.blobs(), world.clock).put(A)
        world.pass_time(10 * GRACE_S)
        report = world.collector().collect()
        assert report.cutoff is None
        assert world.where(digest) == [Area.ARTIFACTS]

    def test_a_server_that_never_marked_keeps_what_it_may_have_put(self, world: World, server: Server) -> None:
        digest = server.store.put(A)
        world.pass_time(10 * GRACE_S)
        world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]

    def test_a_server_that_does_not_speak_any_more_holds_up_everything_until_it_is_forgotten(
        self, world: World, server: Server
    ) -> None:
        digest = server.store.put(A)
        Server(world, "gone").mark()
        world.pass_time(10 * GRACE_S)
        server.mark()
        report = world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]
        assert min(report.members, key=lambda member: member.marked or member.since).host == "gone"
        members.forget(world.blobs().records, "gone")
        world.collector().collect()
        assert world.where(digest) == [Area.TRASH]
        assert [mark.member for mark in marks_of(world.blobs().records)] == ["one"]

    def test_a_pinned_artifact_stays_and_comes_back_from_the_trash(self, world: World, server: Server) -> None:
        records = world.blobs().records
        digest, other = server.store.put_many([A, B])
        pin(records, digest)
        for _ in range(3):
            world.pass_time(2 * GRACE_S)
            server.mark()
            world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]
        assert world.where(other) == []
        unpin(records, digest)
        world.collector().collect()
        assert world.where(digest) == [Area.TRASH]
        pin(records, digest)
        assert pins_of(records) == {digest}
        world.pass_time(2 * GRACE_S)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.RESTORED: (1, 100)}
        assert Area.ARTIFACTS in world.where(digest)

    def test_what_was_purged_goes_at_once_wherever_somebody_wrote_it_again(self, world: World, server: Server) -> None:
        digests = server.store.put_many([A, B, C])
        for digest, area in zip(digests, Area, strict=True):
            if area is not Area.ARTIFACTS:
                world.blobs().move(digest, Area.ARTIFACTS, area)
            Tombstones(world.blobs().records, "here").add(digest)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.REFUSED: (3, 600)}
        assert [world.where(digest) for digest in digests] == [[], [], []]

    def test_what_has_no_time_stays(self, world: World, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        entries = TimedBlobs.entries
        monkeypatch.setattr(
            TimedBlobs,
            "entries",
            lambda *arguments: (Entry(entry.digest, entry.size, None) for entry in entries(*arguments)),
        )
        digest = server.store.put(A)
        world.pass_time(10 * GRACE_S)
        server.mark()
        assert fates(world.collector().collect()) == {Fate.UNDATED: (1, 100)}
        assert world.where(digest) == [Area.ARTIFACTS]


class TestKnownBadTraces:
    """Each of these loses something under a simpler rule."""

    def test_an_undo_finds_what_was_dropped_when_it_was_old_already(self, world: World, server: Server) -> None:
        """Mark and sweep without a trash removes at once what was written long ago and dropped just now."""
        digest = server.run("a", A)
        world.pass_time(3 * GRACE_S)
        server.documents["a"].remove(digest)
        server.mark()
        world.collector().collect()
        world.pass_time(GRACE_S - DAY_S)
        server.mark()
        world.collector().collect()
        server.publish("a", digest)
        assert server.store.get(digest) == A
        world.pass_time(GRACE_S)
        world.collector().collect()
        assert server.store.get(digest) == A

    def test_a_put_that_is_skipped_since_the_artifact_is_there_keeps_it(self, world: World, server: Server) -> None:
        """A put that skips and touches nothing leaves a new output with an artifact that is about to go."""
        digest = server.store.put(A)
        world.pass_time(2 * GRACE_S)
        server.mark()
        assert server.run("a", A) == digest
        world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]

    def test_a_paste_and_a_cut_between_two_marks_can_be_undone(self, world: World, server: Server) -> None:
        """No mark has ever seen it there: only the touch tells."""
        digest = server.store.put(A)
        world.pass_time(2 * GRACE_S)
        server.mark()
        world.collector().collect()
        assert world.where(digest) == [Area.TRASH]
        world.pass_time(GRACE_S - DAY_S)
        server.publish("a", digest)
        server.documents["a"].remove(digest)
        world.pass_time(3 * DAY_S)
        server.mark()
        world.collector().collect()
        server.publish("a", digest)
        assert server.store.get(digest) == A

    def test_a_put_between_the_listing_and_the_move_keeps_the_artifact(
        self, world: World, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is old in the listing may have been touched since."""
        digest = server.store.put(A)
        world.pass_time(2 * GRACE_S)
        server.mark()
        after_listing(Area.ARTIFACTS, lambda: server.run("a", A), monkeypatch)
        assert fates(world.collector().collect()) == {}
        assert world.where(digest) == [Area.ARTIFACTS]

    def test_what_another_collector_has_just_put_into_the_trash_is_not_removed(
        self, world: World, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the listing it has been there for long; it came back and went again since."""
        digest = server.store.put(A)
        world.blobs().move(digest, Area.ARTIFACTS, Area.TRASH)
        world.pass_time(2 * GRACE_S)
        server.mark()

        def back_and_forth() -> None:
            server.store.get(digest)
            world.blobs().move(digest, Area.ARTIFACTS, Area.TRASH)

        after_listing(Area.TRASH, back_and_forth, monkeypatch)
        world.collector().collect()
        assert world.where(digest) == [Area.TRASH]

    def test_a_notebook_copied_to_another_server_keeps_its_outputs_when_the_first_forgets_them(
        self, world: World, server: Server
    ) -> None:
        """A copy of a file touches nothing, and the second server's last word is from before it."""
        other = Server(world, "other")
        digest = server.run("a", A)
        world.pass_time(3 * GRACE_S)
        other.mark()
        other.files["copy"] = set(server.documents.pop("a"))
        world.pass_time(HOUR_S)
        server.mark()
        world.collector().collect()
        assert world.where(digest) == [Area.TRASH]
        world.pass_time(GRACE_S + DAY_S)
        for each in (server, other):
            each.mark()
        world.collector().collect()
        assert Area.ARTIFACTS in world.where(digest)

    def test_a_notebook_that_a_checkout_hid_is_whole_when_it_comes_back_within_grace(
        self, world: World, server: Server
    ) -> None:
        digest = server.run("a", A)
        world.pass_time(3 * GRACE_S)
        hidden = server.documents.pop("a")
        server.mark()
        world.collector().collect()
        world.pass_time(GRACE_S)
        server.mark()
        world.collector().collect()
        server.documents["a"] = hidden
        server.start()
        assert world.where(digest)[0] is Area.ARTIFACTS

    def test_a_mark_says_nothing_of_what_came_while_it_was_made(self, world: World, server: Server) -> None:
        """It counts from when it began, not from when it was written."""
        digest = server.store.put(A)
        world.pass_time(2 * GRACE_S)
        began, reached = server.now, DigestSet(server.reached())
        world.pass_time(GRACE_S)
        server.run("a", A)
        server.documents["a"].clear()
        world.pass_time(DAY_S)
        write_mark(world.blobs().records, server.member.id, began, reached)
        world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]

    @pytest.mark.parametrize("skew_s", [-300.0, 300.0, 365 * DAY_S])
    def test_a_clock_that_is_off_takes_nothing_early(self, world: World, skew_s: float) -> None:
        """Five minutes, or a machine that woke up in another year."""
        server = Server(world, "off", skew_s)
        digest = server.store.put(A)
        world.pass_time(GRACE_S - 6 * 60)
        server.mark()
        world.collector(skew_s).collect()
        assert world.where(digest) == [Area.ARTIFACTS]

    def test_a_mark_from_a_clock_that_was_ahead_does_not_speak_for_later(self, world: World) -> None:
        server = Server(world, "ahead", 365 * DAY_S)
        server.mark()
        server.skew_s = 0.0
        server.start()
        digest = server.run("a", A)
        world.pass_time(3 * GRACE_S)
        world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]

    def test_a_registration_by_a_clock_that_was_ahead_does_not_speak_for_later(self, world: World) -> None:
        server = Server(world, "ahead", 365 * DAY_S)
        server.skew_s = 0.0
        server.start()
        digest = server.run("a", A)
        world.pass_time(3 * GRACE_S)
        world.collector().collect()
        assert world.where(digest) == [Area.ARTIFACTS]


def test_a_copy_in_the_trash_goes_once_the_artifact_is_young_for_every_collector(tmp_path: Path) -> None:
    """A move back leaves one on an object store. Sooner, another collector might be taking the artifact itself."""
    world = World(open_blobs(f"memory://{uuid.uuid4().hex}/outputs"))
    server = Server(world, "one")
    digest = server.run("a", A)
    world.blobs().move(digest, Area.ARTIFACTS, Area.TRASH)
    server.store.get(digest)
    world.pass_time(3 * GRACE_S)
    server.mark()
    assert fates(world.collector().collect()) == {Fate.MARKED: (1, 100), Fate.WAITING: (1, 100)}
    assert world.where(digest) == [Area.ARTIFACTS, Area.TRASH]
    server.start()
    assert fates(world.collector().collect()) == {Fate.MARKED: (1, 100), Fate.DOUBLE: (1, 100)}
    assert world.where(digest) == [Area.ARTIFACTS]


class TestMarks:
    def test_a_mark_is_read_as_it_was_written(self, world: World) -> None:
        records = world.blobs().records
        digests = [Digest.of(b"%d" % number) for number in range(5000)]
        reached = DigestSet(digests * 3)
        assert len(reached) == 5000
        assert digests[7] in reached
        assert Digest.of(b"another") not in reached
        mark = write_mark(records, "me", 12.5, reached)
        assert marks_of(records) == [mark]
        reader = MarkReader(records, mark)
        assert len(reader) == 5000
        found = {digest for number in range(256) for digest in reader.shard(number)}
        assert found == {bytes.fromhex(digest.hex) for digest in digests}
        reader.close()

    def test_a_newer_mark_takes_the_place_of_the_older_ones_of_its_member_alone(self, world: World) -> None:
        records = world.blobs().records
        for member, began in [("one", 5.0), ("two", 2.0), ("one", 3.0)]:  # the clock of one was put back
            write_mark(records, member, began, DigestSet())
        assert {(mark.member, mark.began) for mark in marks_of(records)} == {("two", 2.0), ("one", 3.0)}

    def test_of_two_marks_that_a_crash_left_both_count(self, world: World, server: Server) -> None:
        one, two = server.run("a", A), server.run("b", B)
        server.documents["b"].remove(two)
        server.mark()
        world.pass_time(GRACE_S)
        three = server.store.put(C)
        world.pass_time(2 * GRACE_S)
        with pytest.raises(Crashed):  # after the new one is written, before the old one is removed
            write_mark(world.blobs(Crash(2)).records, "one", server.now, DigestSet([two]))
        assert len(marks_of(world.blobs().records)) == 2
        world.pass_time(3 * GRACE_S)
        world.collector().collect()
        assert [world.where(digest) for digest in (one, two, three)] == [[Area.ARTIFACTS]] * 3

    @pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: data[:600] + b"x" + data[601:]])
    def test_a_damaged_mark_stops_the_collection(self, world: World, server: Server, damage: object) -> None:
        """Half of a mark would be taken for all that is in use."""
        server.run("a", A)
        server.run("a", B)
        server.mark()
        records = world.blobs().records
        (mark,) = marks_of(records)
        data = records.read("marks", mark.name)
        assert callable(damage)
        records.write("marks", mark.name, damage(data))
        with pytest.raises(StoreUnavailable, match="damaged"):
            world.collector().collect()

    def test_a_member_that_cannot_be_read_stops_the_collection(self, world: World, server: Server) -> None:
        world.blobs().records.write("members", server.member.id, b"{")
        with pytest.raises(StoreUnavailable, match="record of the server one cannot be read"):
            world.collector().look()

    def test_a_server_that_starts_again_is_the_same_member(self, world: World, server: Server) -> None:
        world.pass_time(DAY_S)
        again = members.register(world.blobs().records, members.Member("one", "one", "/data", "/root", server.now))
        assert again == server.member
        assert members.members_of(world.blobs().records) == [server.member]
        assert members.member_id("h", "d", "r") == members.member_id("h", "d", "r") != members.member_id("h", "dr", "")


class TestLease:
    def test_of_two_collectors_one_waits_until_the_other_has_ended_or_is_long_silent(self, world: World) -> None:
        records = world.blobs().records
        with lease.leased(records, world.clock), pytest.raises(CollectionRunning, match="another collector"):
            world.collector().collect()
        world.collector().collect()
        lease.Lease(records, world.clock).take()  # and then it is killed
        world.pass_time(lease.LASTS_S - 1)
        with pytest.raises(CollectionRunning):
            world.collector().collect()
        world.pass_time(2)
        world.collector().collect()

    def test_a_collector_that_works_keeps_its_lease_and_stops_when_it_was_taken_for_dead(self, world: World) -> None:
        records = world.blobs().records
        mine = lease.Lease(records, world.clock)
        mine.take()
        for _ in range(5):
            world.pass_time(lease.LASTS_S / 2)
            mine.renew()
        with pytest.raises(CollectionRunning):
            lease.Lease(records, world.clock).take()
        world.pass_time(lease.LASTS_S + 1)
        yours = lease.Lease(records, world.clock)
        yours.take()
        with pytest.raises(CollectionRunning, match="so long"):
            mine.renew()
        mine.give_back()
        world.pass_time(120)
        yours.renew()


def test_grace_that_is_shorter_than_the_time_between_two_touches_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="give 2 days or more"):
        Rules(1.9 * DAY_S)
    assert Rules(2 * DAY_S).grace_s == 2 * DAY_S
