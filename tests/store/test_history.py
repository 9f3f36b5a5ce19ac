"""The records of executions: on this server first, then in the store, and not for ever."""

from __future__ import annotations

import gzip
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ulid import ULID

from jupyter_crdt_outputs.errors import InvalidRequest, StoreUnavailable
from jupyter_crdt_outputs.model.executions import ExecutionRecord
from jupyter_crdt_outputs.store.history import History, Query
from jupyter_crdt_outputs.store.history.segments import KIND, Segments
from jupyter_crdt_outputs.store.history.tail import Tail, line_of, newest
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.records import Records

LOG = logging.getLogger(__name__)
DAY_S = 86400.0


def record(path: str = "a.ipynb", *, status: str = "ok", at: float | None = None, cell: str = "c") -> ExecutionRecord:
    made = ULID() if at is None else ULID.from_timestamp(at)
    found = ExecutionRecord(
        str(made), None, None, cell, path, f"id of {path}", "k", "python3", "python", "ada", "browser", "2026-01-01"
    )
    return found._replace(status=status)  # type: ignore[arg-type]


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return open_blobs(str(tmp_path / "store")).records


@pytest.fixture
def begin(tmp_path: Path, records: Records) -> Callable[[], History]:
    def begin(most: int = 1000) -> History:
        history = History(lambda: records, tmp_path / "tail", most, 30 * DAY_S, LOG)
        history.start()
        return history

    return begin


def knows(history: History, query: Query, expected: list[ExecutionRecord]) -> None:
    """Wait until the history gives these, the newest first."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and history.find(query, 100) != expected:
        time.sleep(0.02)
    assert history.find(query, 100) == expected


def test_what_was_put_is_found_and_survives_the_server_in_the_store(
    begin: Callable[[], History], records: Records, tmp_path: Path
) -> None:
    one, other, failed = record(), record("b.ipynb"), record(status="error", cell="d")
    history = begin()
    history.put(one._replace(status="running"))
    for each in (one, other, failed):
        history.put(each)
    for _ in range(2):
        knows(history, Query(), [failed, other, one])
        knows(history, Query(path="a.ipynb"), [failed, one])
        knows(history, Query(path="moved.ipynb", file_id="id of a.ipynb", status="error"), [failed])
        knows(history, Query(cell="d"), [failed])
        knows(history, Query(id=other.id), [other])
        knows(history, Query(before=failed.id), [other, one])
        assert history.find(Query(), 2) == [failed, other]
        history.stop()
        history = begin()
    history.stop()
    assert [each.name for each in records.list(KIND)] == [f"{failed.id.lower()}.3"]
    assert list((tmp_path / "tail").iterdir()) == []


_KILLED = """
import logging, sys, time
from pathlib import Path
from jupyter_crdt_outputs.store.history import History
from tests.store.test_history import record
history = History(None, Path(sys.argv[1]), 1000, 1e6, logging.getLogger())
history.start()
ended, goes_on = record(), record(status="running")
history.put(ended); history.put(goes_on)
print(ended.id, goes_on.id, flush=True)
time.sleep(60)
"""


def test_what_a_killed_server_left_is_taken_over_and_what_ran_is_interrupted(
    begin: Callable[[], History], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _KILLED, str(tmp_path / "tail")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ended, goes_on = process.stdout.readline().split()
        before = begin()  # the other one lives, and keeps what is its own
        assert before.find(Query(), 9) == []
        before.stop()
        process.send_signal(signal.SIGKILL)
    history = begin()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and len(found := history.find(Query(), 9)) < 2:
        time.sleep(0.02)
    history.stop()
    assert [(each.id, each.status, each.error) for each in found] == [
        (goes_on, "interrupted", "ServerDied"),
        (ended, "ok", None),
    ]


_KILLED_AT_ONCE = """
import logging, os, signal, sys
from pathlib import Path
from jupyter_crdt_outputs.store.history import History
from tests.store.test_history import record
history = History(None, Path(sys.argv[1]), 1000, 1e6, logging.getLogger())
history.start()
history.put(record(status="running"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_put_the_moment_before_a_kill_is_not_lost(begin: Callable[[], History], tmp_path: Path) -> None:
    command = [sys.executable, "-c", _KILLED_AT_ONCE, str(tmp_path / "tail")]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, check=False)
    assert killed.returncode == -signal.SIGKILL
    history = begin()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not (found := history.find(Query(), 9)):
        time.sleep(0.02)
    history.stop()
    assert [(each.status, each.error) for each in found] == [("interrupted", "ServerDied")]


def test_records_that_come_while_the_file_is_begun_anew_are_in_one_of_the_two(tmp_path: Path) -> None:
    tail, known = Tail(tmp_path), [record()]
    tail.replace(lambda: known)
    late = record()

    def left() -> list[ExecutionRecord]:
        tail.append([line_of(late)])  # as another thread would, which must not wait
        return known

    tail.replace(left)
    tail.close(drop=False)
    (path,) = tmp_path.iterdir()
    assert newest(path.read_bytes().splitlines()) == [known[0], late]


def test_a_torn_line_is_passed_over(begin: Callable[[], History], tmp_path: Path) -> None:
    kept = record()
    (tmp_path / "tail").mkdir()
    line = json.dumps(kept.to_json()).encode()
    (tmp_path / "tail" / "0.jsonl").write_bytes(b"nonsense\n{}\n" + line + b"\n" + line[:80])
    history = begin()
    knows(history, Query(), [kept])
    history.stop()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=25), st.integers(1, 9))
def test_the_newest_are_found_however_several_servers_have_written_them(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, str]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("servers")
    records = open_blobs(str(folder / "store")).records
    parts: list[list[ExecutionRecord]] = [[], [], [], []]
    for second, (writer, name) in enumerate(made):
        parts[writer].append(record(name, at=1.7e9 + second))
    history = History(lambda: records, folder / "tail", 1000, 1e12, LOG)
    for each in parts[0]:
        history.put(each)
    for part in filter(None, parts[1:]):
        Segments(records, 1000, 1e12).write(part)
    everything = sorted((each for part in parts for each in part), key=lambda each: each.id, reverse=True)
    assert history.find(Query(), limit) == everything[:limit]
    assert history.find(Query(path="a"), limit) == [each for each in everything if each.path == "a"][:limit]
    for each in everything:
        assert history.find(Query(id=each.id), 1) == [each]


def test_old_segments_and_what_is_too_much_go(records: Records) -> None:
    now = 1.8e9
    segments = Segments(records, most=25, age_s=10 * DAY_S, clock=lambda: now)

    def write(age_days: float) -> None:
        segments.write([record(at=now - age_days * DAY_S + each) for each in range(10)])

    write(20)
    assert len(list(segments)) == 1  # the newest there is
    for age_days in (9.0, 5.0, 4.0):
        write(age_days)
    assert len(list(records.list(KIND))) == 2
    write(3)
    assert len(list(segments)) == 2
    segments = Segments(records, most=1000, age_s=3.5 * DAY_S, clock=lambda: now)
    segments.prune()
    assert [len(lines) for _, lines in segments] == [10]


def test_a_damaged_segment_hides_no_other(records: Records) -> None:
    segments = Segments(records, most=1000, age_s=1e9)
    kept = record()
    records.write(KIND, f"{record().id.lower()}.1", b"nonsense")
    records.write(KIND, "nonsense", b"")
    records.write(KIND, f"{record().id.lower()}.1", gzip.compress(json.dumps(kept.to_json()).encode()))
    assert [json.loads(line)["id"] for _, lines in segments for line in lines] == [kept.id]


def test_a_store_that_is_away_costs_nothing_but_time(tmp_path: Path, records: Records) -> None:
    def away() -> Records:
        raise StoreUnavailable("away, for a test")

    history = History(away, tmp_path / "tail", 1000, DAY_S, LOG)
    history.start()
    kept = record()
    history.put(kept)
    history.stop()
    history = History(lambda: records, tmp_path / "tail", 1000, DAY_S, LOG)
    history.start()
    knows(history, Query(), [kept])
    history.stop()
    assert len(list(records.list(KIND))) == 1


@pytest.mark.parametrize("value", [None, {}, {"id": "x"}, record().to_json() | {"status": "fine"}])
def test_what_is_no_record_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest):
        ExecutionRecord.parse(value)
