"""Anything that users, servers, collectors and crashes do to a store, in any order; and rules that lose something."""

from __future__ import annotations

import math
import os
import random
import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import fsspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jupyter_crdt_outputs.errors import ArtifactRemoved, CollectionRunning
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.blobs import Blobs
from jupyter_crdt_outputs.store.collection.collector import Collector
from jupyter_crdt_outputs.store.collection.digest_set import DigestSet
from jupyter_crdt_outputs.store.collection.marks import write_mark
from jupyter_crdt_outputs.store.collection.pins import pin, unpin
from jupyter_crdt_outputs.store.collection.purge import purge
from jupyter_crdt_outputs.store.collection.rules import DAY_S, Rules
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .world import GRACE_S, HOUR_S, Crash, Crashed, Server, World

EXAMPLES = 300 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 25

# Few of everything, so that things meet.
contents = st.integers(0, 1).map(lambda number: b"content %d" % number)
numbers = st.integers(0, 3)
who = st.integers(0, 1)


class CollectionMachine(RuleBasedStateMachine):
    """Two servers on one store, whose clocks are ten minutes apart."""

    store_class: type[VerifiedStore] = VerifiedStore
    collector_class: type[Collector] = Collector

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.open(), self.store_class, self.collector_class)
        self.servers = [Server(self.world, "one", -300.0), Server(self.world, "two", 300.0)]
        self.dropped: dict[tuple[int, Digest], float] = {}
        self.hidden: dict[int, tuple[float, set[Digest]]] = {}
        self.marking: dict[int, tuple[float, set[Digest]]] = {}
        self.pinned: set[Digest] = set()
        self.purged: set[Digest] = set()

    def open(self) -> Blobs:
        self.root = Path(tempfile.mkdtemp())
        return LocalBlobs(self.root)

    def teardown(self) -> None:
        try:
            for server in self.servers:
                for digest in server.reached() - self.purged:
                    assert Digest.of(server.store.get(digest)) == digest
                for digest in self.purged:
                    with pytest.raises(ArtifactRemoved):
                        server.store.get(digest)
        finally:
            self.close()

    def close(self) -> None:
        shutil.rmtree(self.root)

    @rule(who=who, data=contents)
    def run_cell(self, who: int, data: bytes) -> None:
        self.servers[who].run("a", data)

    @rule(who=who)
    def paste(self, who: int) -> None:
        """From the other server's document."""
        self.servers[who].publish("a", *self.servers[1 - who].documents.get("a", ()))

    @rule(number=numbers)
    def drop(self, number: int) -> None:
        there = [(who, digest) for who, server in enumerate(self.servers) for digest in server.documents.get("a", ())]
        if there:
            self._drop(*sorted(there)[number % len(there)])

    @rule(number=numbers, is_redone=st.booleans())
    def undo(self, number: int, is_redone: bool) -> None:
        """What was dropped comes back, and perhaps goes again."""
        if self.dropped:
            who, digest = sorted(self.dropped)[number % len(self.dropped)]
            if self._is_within_grace(self.dropped.pop((who, digest))):
                self.servers[who].publish("a", digest)
                if is_redone:
                    self._drop(who, digest)

    @rule(who=who)
    def copy_file(self, who: int) -> None:
        """From the other server's folder, past everything that could notice."""
        self.servers[who].files["copy"] = set(self.servers[1 - who].documents.get("a", ()))

    @rule(who=who)
    def remove_file(self, who: int) -> None:
        self.servers[who].files.pop("copy", None)

    @rule(who=who)
    def checkout(self, who: int) -> None:
        """A branch on which the notebook is not there; and back."""
        if who in self.hidden:
            at, digests = self.hidden.pop(who)
            if self._is_within_grace(at):
                self.servers[who].files["again"] = digests
        elif "a" in self.servers[who].documents:
            self.hidden[who] = (self.world.clock(), self.servers[who].documents.pop("a"))

    @rule(who=who)
    def restart(self, who: int) -> None:
        self.servers[who].start()

    @rule(who=who)
    def begin_mark(self, who: int) -> None:
        self.marking[who] = (self.servers[who].now, self.servers[who].reached())

    @rule(who=who)
    def mark(self, who: int) -> None:
        """What was begun at some time, or all at once."""
        server = self.servers[who]
        began, reached = self.marking.pop(who, (server.now, server.reached()))
        write_mark(self.world.blobs().records, server.member.id, began, DigestSet(reached))

    @rule(who=who, is_alone=st.booleans())
    def mark_and_collect(self, who: int, is_alone: bool) -> None:
        """As every night, with the other server up or down."""
        for each in [who] if is_alone else [0, 1]:
            self.marking.pop(each, None)
            self.mark(each)
        self._collect(self.world.collector(self.servers[who].skew_s))

    @rule(who=who, change=st.integers(0, 6))
    def collect(self, who: int, change: int) -> None:
        """To the end, or until a crash."""
        skew_s = self.servers[who].skew_s
        self._collect(self.world.collector(skew_s, Crash(change)) if change else self.world.collector(skew_s))

    @rule(time_s=st.sampled_from([HOUR_S, 8 * DAY_S, GRACE_S + 2 * HOUR_S]))
    def pass_time(self, time_s: float) -> None:
        self.world.pass_time(time_s)

    @rule(data=contents, is_pinned=st.booleans())
    def pin(self, data: bytes, is_pinned: bool) -> None:
        digest, records = Digest.of(data), self.world.blobs().records
        if is_pinned and self.world.is_readable(digest):
            pin(records, digest)
            self.pinned.add(digest)
        else:
            unpin(records, digest)
            self.pinned.discard(digest)

    @rule(really=st.integers(0, 9), data=contents)
    def purge(self, really: int, data: bytes) -> None:
        if really == 9:
            purge(self.world.blobs(), Digest.of(data), clock=self.world.clock)
            self.purged.add(Digest.of(data))
            self.world.pass_time(60)
            assert not self.world.is_readable(Digest.of(data))

    @invariant()
    def nothing_reachable_is_lost(self) -> None:
        reachable = set().union(self.pinned, *(server.reached() for server in self.servers))
        reachable |= {digest for (_, digest), at in self.dropped.items() if self._is_within_grace(at)}
        reachable = reachable.union(*(digests for at, digests in self.hidden.values() if self._is_within_grace(at)))
        for digest in reachable - self.purged:
            assert self.world.is_readable(digest), f"{digest} is lost"

    def _drop(self, who: int, digest: Digest) -> None:
        self.servers[who].documents["a"].remove(digest)
        self.dropped[who, digest] = self.world.clock()

    def _collect(self, collector: Collector) -> None:
        try:
            collector.collect()
        except Crashed:
            self.world.pass_time(20 * 60)
        except CollectionRunning:
            pass

    def _is_within_grace(self, at: float) -> bool:
        return self.world.clock() - at <= GRACE_S


class MemoryMachine(CollectionMachine):
    def open(self) -> Blobs:
        self.url = f"memory://{uuid.uuid4().hex}"
        return open_blobs(f"{self.url}/outputs")

    def close(self) -> None:
        fsspec.filesystem("memory").rm(self.url, recursive=True)


def settings_for(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


CollectionMachine.TestCase.settings = settings_for(EXAMPLES)
MemoryMachine.TestCase.settings = settings_for(max(5, EXAMPLES // 10))
TestOnLocalDisk = CollectionMachine.TestCase
TestInMemory = MemoryMachine.TestCase


class _NoGrace(Rules):
    """Mark and sweep as it is in the books: what is in no mark goes."""

    def cutoff(self, members: object, marks: object) -> float | None:
        return math.inf


class NoGraceCollector(Collector):
    def __init__(self, blobs: Blobs, rules: Rules, clock: object) -> None:
        super().__init__(blobs, _NoGrace(rules.grace_s), clock)  # type: ignore[arg-type]


class NoTouchStore(VerifiedStore):
    """References and puts leave an artifact as old as it is, and what is in the trash where it is."""

    def touch(self, digests: object) -> None:
        pass


class ExistsSkipStore(VerifiedStore):
    """A put believes that what was there once still is."""

    def __init__(self, blobs: Blobs, clock: object) -> None:
        super().__init__(blobs, clock)  # type: ignore[arg-type]
        self._seen: set[Digest] = set()

    def put_many(self, artifacts: Sequence[bytes]) -> list[Digest]:
        digests = [Digest.of(data) for data in artifacts]
        super().put_many([data for data, digest in zip(artifacts, digests, strict=True) if digest not in self._seen])
        self._seen.update(digests)
        return digests


class OwnMarkCollector(Collector):
    """Asks for the word of the members that have one."""

    def __init__(self, blobs: Blobs, rules: Rules, clock: object) -> None:
        super().__init__(blobs, _NewestWord(rules.grace_s), clock)  # type: ignore[arg-type]


class _NewestWord(Rules):
    def cutoff(self, members: object, marks: object) -> float | None:
        assert isinstance(marks, list)
        return max((mark.began for mark in marks), default=0.0) - self.grace_s


@pytest.mark.parametrize(
    ("store", "collector"),
    [
        (VerifiedStore, NoGraceCollector),
        (NoTouchStore, Collector),
        (ExistsSkipStore, Collector),
        (VerifiedStore, OwnMarkCollector),
    ],
    ids=["no grace", "no touch", "exists-skip", "only the newest word"],
)
def test_a_collector_that_loses_something_is_caught(store: type[VerifiedStore], collector: type[Collector]) -> None:
    """Else the machine would show nothing."""
    broken = type("Broken", (MemoryMachine,), {"store_class": store, "collector_class": collector})
    assert any(loses_something(broken(), random.Random(seed)) for seed in range(20_000))


def loses_something(machine: CollectionMachine, chance: random.Random, steps: int = 60) -> bool:
    """Walk as Hypothesis does, without what it needs to make an example small: a hundred times as many steps a second.

    Here an example is known to be long, and only whether there is one matters.
    """
    rules: list[Callable[[int, int], object]] = [
        lambda who, number: machine.run_cell(who, b"content %d" % (number % 2)),
        lambda _who, number: machine.drop(number),
        lambda who, number: machine.undo(number, bool(who)),
        lambda who, number: machine.mark_and_collect(who, number == 0),
        lambda _who, number: machine.pass_time([HOUR_S, 8 * DAY_S, 8 * DAY_S, GRACE_S + 2 * HOUR_S][number]),
        lambda _who, _number: machine.pass_time(8 * DAY_S),
    ]
    try:
        for _ in range(steps):
            chance.choice(rules)(chance.randrange(2), chance.randrange(4))
            machine.nothing_reachable_is_lost()
    except AssertionError:
        return True
    finally:
        machine.close()
    return False
