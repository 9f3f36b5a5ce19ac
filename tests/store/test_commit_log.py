"""Many small artifacts with one fsync, and none of them lost for it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from jupyter_crdt_outputs.errors import ArtifactCorrupt, ArtifactMissing
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.local import commit_log
from jupyter_crdt_outputs.store.opening import open_blobs

from .places import artifact_files, commit_files, wait_until_committed

pytestmark = pytest.mark.skipif(not commit_log.is_possible(), reason="every artifact has its fsync here")

SMALL = [b"small %d" % number * 100 for number in range(50)]

WRITER = """
import os, sys
from jupyter_crdt_outputs.store import open_store
open_store(sys.argv[1]).put_many([b"small %d" % number * 100 for number in range(50)])
os._exit(0)
"""


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A store whose writer went before the files of its artifacts were on the disk."""
    subprocess.run([sys.executable, "-c", WRITER, str(tmp_path)], check=True)
    assert len(commit_files(tmp_path)) == 1
    return tmp_path


def lose_everything_unsynchronised(root: Path) -> None:
    for number, path in enumerate(artifact_files(root)):
        if number % 2:
            path.write_bytes(b"")
        else:
            path.unlink()


def all_there(root: Path) -> bool:
    store = open_store(str(root))
    return [store.get(Digest.of(data)) for data in SMALL] == SMALL


def test_what_a_power_failure_took_is_there_again_before_anybody_looks(left: Path) -> None:
    lose_everything_unsynchronised(left)
    assert all_there(left)
    assert commit_files(left) == []


def test_several_threads_that_look_first_all_find_what_was_taken(left: Path) -> None:
    lose_everything_unsynchronised(left)
    store = open_store(str(left))
    together = Barrier(8)

    def look(number: int) -> bytes:
        together.wait()
        return store.get(Digest.of(SMALL[number]))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(look, range(8))) == SMALL[:8]


def test_a_commit_that_the_power_failure_cut_was_never_acknowledged_and_those_before_it_count(left: Path) -> None:
    lose_everything_unsynchronised(left)
    (path,) = commit_files(left)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 3 + 17])
    assert all_there(left)


def test_bytes_that_a_dying_disk_damaged_are_not_taken_for_an_artifact(left: Path) -> None:
    lose_everything_unsynchronised(left)
    (path,) = commit_files(left)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    store = open_store(str(left))
    assert [store.get(Digest.of(data)) for data in SMALL[:20]] == SMALL[:20], "what stands before the damage"
    with pytest.raises((ArtifactMissing, ArtifactCorrupt)):
        store.get(Digest.of(SMALL[-1]))


def test_the_commits_of_a_server_that_runs_are_left_to_it(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.put_many(SMALL)
    assert all_there(tmp_path)
    assert len(commit_files(tmp_path)) == 1


def test_a_commit_file_goes_when_the_artifacts_are_durable_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_log, "_LONGEST_S", 1.0)
    synced = watched_fsyncs(monkeypatch)
    store = open_store(str(tmp_path))
    store.put_many(SMALL)
    store.delete(Digest.of(SMALL[0]))  # which is no reason to keep it
    assert not {Digest.of(data).hex for data in SMALL} & set(synced())
    wait_until_committed(tmp_path)
    assert {Digest.of(data).hex for data in SMALL[1:]} <= set(synced())
    store.put_many([data + b"!" for data in SMALL])
    assert len(commit_files(tmp_path)) == 1, "and the next commits begin another"


def test_what_is_removed_after_a_flush_does_not_come_back_when_the_process_dies_at_once(tmp_path: Path) -> None:
    remover = (
        "import os, sys\n"
        "from jupyter_crdt_outputs.store import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "digests = store.put_many([b'small %d' % number * 100 for number in range(50)])\n"
        "assert store.blobs.flush()\n"
        "for digest in digests: store.delete(digest)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", remover, str(tmp_path)], check=True)
    assert list(open_store(str(tmp_path)).digests()) == []


def test_a_flush_says_whether_another_process_still_has_commits(tmp_path: Path) -> None:
    open_blobs(str(tmp_path)).write({Digest.of(data): data for data in SMALL})
    other = open_blobs(str(tmp_path))
    assert not other.flush()


def test_a_thousand_artifacts_cost_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    store.put_many([b"%d" % number for number in range(2000)])  # makes the folders
    synced = watched_fsyncs(monkeypatch)
    store.put_many([b"and %d" % number for number in range(1000)])
    assert len(synced()) == 1


def test_where_files_cannot_be_locked_every_artifact_has_its_own_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(commit_log, "_lock", refuse)
    synced = watched_fsyncs(monkeypatch)
    open_store(str(tmp_path)).put_many(SMALL)
    assert commit_files(tmp_path) == []
    assert len(synced()) > len(SMALL)
    assert all_there(tmp_path)


def watched_fsyncs(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The names of the files synchronised from now on; with /proc, else all are called the same."""
    names: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        link = Path(f"/proc/self/fd/{descriptor}")
        names.append(link.readlink().name if link.exists() else "?")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    return lambda: list(names)
