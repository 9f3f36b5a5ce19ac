"""What is put is safe here at once and in the store later, whatever the store does meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactMissing, ArtifactRemoved, StoreFull, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.records import Record
from jupyter_crdt_outputs.store.spool import SpooledStore, open_spooled, spool_folder
from jupyter_crdt_outputs.store.tombstones import Tombstones
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.testing.store_suite import ArtifactStoreSuite, Opener, Overwriter

from .spooled import LOG, FarBlobs, spooled, wait_until, wait_until_uploaded

KILLS = 50 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 3


@pytest.fixture
def far() -> FarBlobs:
    return FarBlobs(uuid.uuid4().hex)


@pytest.fixture
def store(far: FarBlobs, tmp_path: Path) -> Iterator[SpooledStore]:
    store = spooled(far, tmp_path)
    yield store
    far.mend()
    store.stop()


def held_far_away(far: FarBlobs) -> set[Digest]:
    return set(VerifiedStore(far).digests())


class TestSpooledStore(ArtifactStoreSuite):
    @pytest.fixture
    def open(self, far: FarBlobs, tmp_path: Path) -> Opener:
        return lambda: spooled(far, tmp_path)

    @pytest.fixture
    def store(self, open: Opener) -> ArtifactStore:
        return open()

    @pytest.fixture
    def overwrite(self, far: FarBlobs, tmp_path: Path) -> Overwriter:
        """Damages what is far away, and has the cache lost."""

        def overwrite(digest: Digest, data: bytes) -> None:
            wait_until(lambda: not (tmp_path / "spool" / key_of(digest)).exists(), "it still waits")
            far.write({digest: data})
            (tmp_path / "cache" / key_of(digest)).unlink(missing_ok=True)

        return overwrite


def test_a_put_returns_and_can_be_read_while_the_store_swallows_every_packet(
    far: FarBlobs, store: SpooledStore
) -> None:
    hanging, released = threading.Event(), threading.Event()

    def hang(_verb: str) -> None:
        hanging.set()
        released.wait()

    far.on = hang
    digests = store.put_many([b"1", b"2"])
    hanging.wait()
    assert [store.get(digest) for digest in digests] == [b"1", b"2"]
    assert store.waiting() == digests
    assert (store.state().waiting, store.state().waiting_bytes) == (2, 2)
    released.set()
    wait_until_uploaded(store)
    assert held_far_away(far) == set(digests)


def test_after_an_outage_what_waited_is_uploaded_oldest_first_and_the_trouble_is_over(
    far: FarBlobs, tmp_path: Path
) -> None:
    far.break_down()
    told: list[str] = []
    store = spooled(far, tmp_path)
    store.start(lambda: told.append(store.state().trouble))
    digests = [store.put(bytes([n])) for n in range(50)]
    wait_until(lambda: bool(store.state().trouble), "nobody is told of the trouble")
    assert store.waiting() == digests
    far.mend()
    wait_until_uploaded(store)
    wait_until(lambda: not store.state().trouble, "the trouble never ends")
    assert held_far_away(far) == set(digests)
    assert any(told)
    assert told[-1] == ""


def test_the_next_process_uploads_what_one_that_was_stopped_had_not(far: FarBlobs, tmp_path: Path) -> None:
    far.break_down()
    stopped = spooled(far, tmp_path)
    digests = [stopped.put(bytes([n])) for n in range(5)]
    stopped.stop()
    far.mend()
    store = spooled(far, tmp_path)
    assert [store.get(digest) for digest in digests] == [bytes([n]) for n in range(5)]
    store.start()
    wait_until_uploaded(store)
    assert held_far_away(far) == set(digests)


def test_what_was_acknowledged_before_a_kill_is_uploaded_by_the_next_process(far: FarBlobs, tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import sys, uuid
        from pathlib import Path
        from tests.store.spooled import FarBlobs, spooled

        far = FarBlobs("unreachable")
        far.break_down()
        store = spooled(far, Path(sys.argv[1]))
        while True:
            print(*store.put_many([uuid.uuid4().bytes * 100 for _ in range(6)]), flush=True)
        """
    )
    acknowledged: set[str] = set()
    for round_ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(1 + round_ % 5):
                acknowledged.update(process.stdout.readline().split())
            process.send_signal(signal.SIGKILL)
    store = spooled(far, tmp_path)
    store.start()
    wait_until_uploaded(store)
    store.stop()
    assert {digest.hex for digest in held_far_away(far)} >= acknowledged


def test_two_processes_on_one_folder_upload_everything_and_disturb_neither(far: FarBlobs, tmp_path: Path) -> None:
    far.break_down()
    one, other = spooled(far, tmp_path), spooled(far, tmp_path)
    digests = [store.put(f"{n}".encode()) for n in range(20) for store in (one, other)]
    third = spooled(far, tmp_path)
    third.start()
    far.mend()
    for store in (one, other, third):
        wait_until_uploaded(store)
        assert {store.get(digest) for digest in digests} == {f"{n}".encode() for n in range(20)}
    assert held_far_away(far) == set(digests)


def test_a_spool_that_is_full_takes_nothing_more_and_loses_nothing(far: FarBlobs, tmp_path: Path) -> None:
    far.break_down()
    store = spooled(far, tmp_path, spool_max_bytes=1000)
    digest = store.put(b"x" * 900)
    with pytest.raises(StoreFull, match="1 outputs of 900 B"):
        store.put(b"y" * 200)
    assert store.get(digest) == b"x" * 900
    far.mend()
    wait_until_uploaded(store)
    store.put(b"y" * 200)


def test_an_outage_makes_reads_of_what_is_elsewhere_fail_at_once_and_not_those_of_what_is_here(
    far: FarBlobs, store: SpooledStore
) -> None:
    elsewhere = VerifiedStore(far).put(b"elsewhere")
    seen = VerifiedStore(far).put(b"seen before")
    assert store.get(seen) == b"seen before"
    asked: list[str] = []

    def fail(verb: str) -> None:
        asked.append(verb)
        raise StoreUnavailable("for a test")

    far.on = fail
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            store.read(elsewhere, 0, 1)
    assert len(asked) < 6, "every read asked a store that does not answer"
    assert store.get(seen) == store.read(seen, 0, 99) == b"seen before"


def test_what_many_readers_want_at_once_is_fetched_once_and_is_near_from_then_on(
    far: FarBlobs, store: SpooledStore
) -> None:
    digest = VerifiedStore(far).put(b"abc" * 1000)
    asked: list[str] = []
    far.on = asked.append
    threads = [threading.Thread(target=store.get, args=[digest]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked.count("read") == 1
    assert store.read(digest, 3, 6) == b"abc"
    assert asked.count("read") == 1


def test_an_artifact_that_is_damaged_on_its_way_is_fetched_again_and_never_shown(
    far: FarBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = VerifiedStore(far).put(b"abc")
    read, answers = far.read, iter([b"abX"])
    monkeypatch.setattr(far, "read", lambda *slice_: next(answers, None) or read(*slice_))
    assert spooled(far, tmp_path).get(digest) == b"abc"


def test_the_least_recently_used_artifact_leaves_the_cache_first_and_is_fetched_when_wanted(
    far: FarBlobs, tmp_path: Path
) -> None:
    digests = [VerifiedStore(far).put(bytes([n]) * 300) for n in range(4)]
    store = spooled(far, tmp_path, cache_max_bytes=1000)
    kept = tmp_path / "cache"
    for digest in [*digests[:3], digests[0], digests[3]]:  # 0 is used again before 3 makes it too much
        store.get(digest)
    assert (kept / key_of(digests[0])).exists()
    assert not (kept / key_of(digests[1])).exists()
    assert store.get(digests[1]) == b"\1" * 300
    assert sum(file.stat().st_size for file in kept.rglob("*") if file.is_file()) <= 1000


def test_a_cache_that_another_process_left_is_used_and_a_damaged_file_in_it_is_not(
    far: FarBlobs, tmp_path: Path
) -> None:
    digests = [VerifiedStore(far).put(data) for data in (b"whole", b"damaged")]
    for digest in digests:
        spooled(far, tmp_path).get(digest)
    (tmp_path / "cache" / key_of(digests[1])).write_bytes(b"damagex")
    asked: list[str] = []
    far.on = asked.append
    store = spooled(far, tmp_path)
    assert store.get(digests[0]) == b"whole"
    assert asked == []
    assert store.get(digests[1]) == b"damaged"
    assert asked


def test_an_artifact_that_does_not_fit_into_the_cache_is_read_all_the_same(far: FarBlobs, tmp_path: Path) -> None:
    digest = VerifiedStore(far).put(b"x" * 1000)
    store = spooled(far, tmp_path, cache_max_bytes=1000)
    assert store.read(digest, 998, 1000) == b"xx"
    assert not (tmp_path / "cache" / key_of(digest)).exists()


def test_what_was_put_again_today_is_not_uploaded_again(far: FarBlobs, store: SpooledStore) -> None:
    digest = store.put(b"abc")
    wait_until_uploaded(store)
    asked: list[str] = []
    far.on = asked.append
    assert store.put(b"abc") == digest
    assert not store.waiting()
    assert asked == []


def test_a_store_that_cannot_be_opened_yet_is_opened_when_it_can_be(far: FarBlobs, tmp_path: Path) -> None:
    attempts = []

    def open_remote() -> VerifiedStore:
        attempts.append(1)
        if len(attempts) < 5:
            raise StoreUnavailable("for a test")
        return VerifiedStore(far)

    store = SpooledStore(open_remote, tmp_path, 1 << 30, 1 << 30, LOG)
    digest = store.put(b"abc")
    wait_until_uploaded(store)
    assert held_far_away(far) == {digest}


def test_what_is_deleted_is_nowhere_any_more(far: FarBlobs, tmp_path: Path, store: SpooledStore) -> None:
    digest = store.put(b"abc")
    wait_until_uploaded(store)
    store.delete(digest)
    assert not (tmp_path / "cache" / key_of(digest)).exists()
    with pytest.raises(ArtifactMissing):
        store.get(digest)
    assert open_store(far.url).put(b"abc") == digest


def test_what_was_purged_elsewhere_is_let_go_here_and_is_not_taken_again(
    far: FarBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = spooled(far, tmp_path)
    digest = store.put(b"secret")
    wait_until_uploaded(store)
    Tombstones(far.records, far.where).add(digest)
    VerifiedStore(far).delete(digest)
    again = spooled(far, tmp_path)
    with suppress(ArtifactRemoved):  # the first read does not wait until it is known
        again.get(digest)
    wait_until(lambda: not (tmp_path / "cache" / key_of(digest)).exists(), "it is kept")
    with pytest.raises(ArtifactRemoved, match="removed on"):
        again.get(digest)
    again.put(b"secret")
    wait_until_uploaded(again)
    assert not [file for file in tmp_path.rglob("*") if file.name == digest.hex]
    assert held_far_away(far) == set()


def test_what_waits_for_a_store_that_is_no_longer_configured_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool_folder("s3://old/outputs", tmp_path).mkdir(parents=True)
    LocalBlobs(spool_folder("s3://old/outputs", tmp_path)).write({Digest.of(b"abc"): b"abc"})
    for url, complaints in {"s3://old/outputs": 0, "s3://new/outputs": 1, "s3://newer/outputs": 2}.items():
        open_spooled(url, tmp_path, 1 << 30, 1 << 30, LOG)
        assert caplog.text.count("1 outputs wait") == complaints
    assert "to be stored in s3://old/outputs" in caplog.text


def test_a_store_that_is_away_from_the_start_is_asked_by_one_thread_for_all_that_wait(
    far: FarBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each of them would wait for a deadline of its own, one after the other."""
    asked, waiting = [], threading.Barrier(8)

    def away(kind: str) -> Iterator[Record]:
        asked.append(kind)
        time.sleep(0.3)
        raise StoreUnavailable("for a test")

    monkeypatch.setattr(far.records, "list", away)
    store, failed = VerifiedStore(far), []

    def put(number: int) -> None:
        waiting.wait()
        try:
            store.put(bytes([number]))
        except StoreUnavailable:
            failed.append(number)

    threads = [threading.Thread(target=put, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(asked), len(failed)) == (1, 8)
