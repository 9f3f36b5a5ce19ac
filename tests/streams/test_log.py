"""What a log keeps when its server is killed, the disk fills up or the store goes away."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.errors import LogMissing, StoreUnavailable
from jupyter_crdt_outputs.model import segments
from jupyter_crdt_outputs.model.reference import LogReference, reference_in
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.artifact_store import ArtifactStore
from jupyter_crdt_outputs.streams.log import Log
from jupyter_crdt_outputs.streams.logs import Logs
from jupyter_crdt_outputs.testing.faulty_store import UnavailableStore
from tests.small_disks import small_disk


@pytest.fixture
def store() -> ArtifactStore:
    return open_store("memory://logs")


def text(log: Log) -> str:
    return log.view().read(0, 1 << 40).decode()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(st.tuples(st.text("ab\né", max_size=9), st.text("xyz", max_size=4), st.booleans()), max_size=12),
    lost=st.integers(0, 60),
)
def test_files_that_a_crash_cut_anywhere_give_a_state_that_was(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: ArtifactStore,
    writes: list[tuple[str, str, bool]],
    lost: int,
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 5)
    log = Logs(tmp_path, store).begin("stderr", "", "")
    states, final = [""], ""
    for more, line, seals in writes:
        log.append(more, line)
        states.append(final := final + more)  # between the two records of one write
        states.append(final + line)
        if seals:
            log.seal()
    rest = tmp_path / log.log_id / "rest"
    header = 5 + 40
    os.truncate(rest, max(header + 10, rest.stat().st_size - lost))
    try:
        found = Logs(tmp_path, store).find(log.log_id)
    except LogMissing:
        assert lost > 0
        return
    assert found.name == "stderr"
    assert not found.is_live
    assert text(found) in states or any(state.startswith(text(found)) for state in states)
    if not lost:
        assert text(found) == states[-1]


@pytest.mark.parametrize("log_id", ["", "..", "a" * 31, "A" * 32, "../" + "a" * 29, "a" * 64, "a" * 32])
def test_there_is_no_log_of_an_id_that_was_never_given(tmp_path: Path, store: ArtifactStore, log_id: str) -> None:
    with pytest.raises(LogMissing):
        Logs(tmp_path, store).find(log_id)


def test_files_that_are_no_log_are_none(tmp_path: Path, store: ArtifactStore) -> None:
    for number, content in enumerate((b"", b"nonsense", b"@\x02\x00\x00\x00{}", b"@\xff\xff\xff\xff")):
        folder = tmp_path / f"{number:032}"
        folder.mkdir()
        (folder / "rest").write_bytes(content)
        with pytest.raises(LogMissing):
            Logs(tmp_path, store).find(folder.name)


def test_a_full_disk_costs_the_safety_of_a_crash_and_no_text(
    tmp_path: Path, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Logs(tmp_path, store).begin("stdout", "one\n", "")
    monkeypatch.setattr(os, "write", lambda _file, data: len(data) // 2)
    with pytest.raises(OSError, match="No space"):
        log.append("two\n", "")
    log.append("three\n", "")
    assert text(log) == "one\ntwo\nthree\n"
    log.close()
    output = log.finish()
    assert "segments" in str(output)
    assert text(log) == "one\ntwo\nthree\n"


@pytest.mark.parametrize("sealed", [1, 51], ids=["between-its-files", "within-its-index"])
def test_what_is_printed_after_the_disk_was_full_for_a_while_survives_a_crash(
    tmp_path: Path, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, sealed: int
) -> None:
    # The 52nd entry of the index is the first that needs a second page; what is in no segment still fits into its own.
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 5)
    with small_disk(tmp_path / "disk", "64k") as disk:
        log = Logs(disk, store).begin("stdout", "12345" * sealed, "")
        log.seal()
        with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(bytes(1 << 12)):
                pass
        log.append("while\n", "")
        log.seal()
        (disk / "filler").unlink()
        log.append("after\n", "")
        for _ in range(2):
            assert text(Logs(disk, store).find(log.log_id)) == text(log) == "12345" * sealed + "while\nafter\n"
            log.seal()
        log.close()


def test_a_store_that_is_away_at_the_end_gets_all_when_it_is_back(tmp_path: Path) -> None:
    store = UnavailableStore(open_store("memory://away"))
    logs = Logs(tmp_path, store)
    log = logs.begin("stdout", "text\n" * 1000, "")
    log.close()
    with pytest.raises(StoreUnavailable):
        logs.finished(log.reference())
    assert text(log) == "text\n" * 1000
    store.broken = False
    assert reference_in(logs.finished(log.reference())) is not None


def test_a_live_log_is_left_alone_by_who_looks_for_finished_ones(tmp_path: Path, store: ArtifactStore) -> None:
    logs = Logs(tmp_path, store)
    log = logs.begin("stdout", "text\n", "")
    reference = log.reference()
    assert logs.finished(reference) is reference
    assert isinstance(reference_in(reference), LogReference)


async def test_followers_wake_up_for_new_text_and_for_the_end_and_not_before(
    tmp_path: Path, store: ArtifactStore
) -> None:
    log = Logs(tmp_path, store).begin("stdout", "one\n", "")
    before = log.revision
    waiting = asyncio.create_task(log.changed(before, 20))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    log.append("two\n", "")
    log.notify()
    await asyncio.wait_for(waiting, 5)
    last = asyncio.create_task(log.changed(log.revision, 20))
    await asyncio.sleep(0.01)
    log.close()
    await asyncio.wait_for(last, 5)
    await asyncio.wait_for(log.changed(log.revision, 20), 5)


def test_old_files_are_removed_and_those_of_logs_in_use_are_not(tmp_path: Path, store: ArtifactStore) -> None:
    earlier = Logs(tmp_path, store)
    old, fresh = earlier.begin("stdout", "old", ""), earlier.begin("stdout", "fresh", "")
    os.utime(tmp_path / old.log_id / "rest", (0, 0))
    logs = Logs(tmp_path, store)
    used = logs.begin("stdout", "used", "")
    os.utime(tmp_path / used.log_id / "rest", (0, 0))
    logs.forget_old()
    assert {folder.name for folder in tmp_path.iterdir()} == {fresh.log_id, used.log_id}
