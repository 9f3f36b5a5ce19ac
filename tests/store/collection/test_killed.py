"""SIGKILL at every step of a collection, in a real process; two real collectors at once; many artifacts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.collection.collector import Collector
from jupyter_crdt_outputs.store.collection.digest_set import DigestSet
from jupyter_crdt_outputs.store.collection.lease import LASTS_S
from jupyter_crdt_outputs.store.collection.marks import write_mark
from jupyter_crdt_outputs.store.collection.members import Member, register
from jupyter_crdt_outputs.store.collection.report import Fate
from jupyter_crdt_outputs.store.collection.rules import DAY_S, Rules
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

ALL = [b"artifact %d" % number for number in range(12)]
DIGESTS = [Digest.of(data) for data in ALL]
IN_USE = DIGESTS[:6]
IN_TRASH = DIGESTS[4:8]  # of which two are in use, and two have been there for long
LONG_AGO_S = 100 * DAY_S

COLLECT = """
import os, signal, sys
from pathlib import Path
from jupyter_crdt_outputs.store.collection.collector import Collector
from jupyter_crdt_outputs.store.collection.rules import Rules
from jupyter_crdt_outputs.store.local import LocalBlobs

calls = 0
def counted(event, arguments):  # every call of the system that changes a name or writes
    global calls
    if event in ("os.rename", "os.remove", "os.link", "os.utime") or (event == "open" and arguments[2] & os.O_CREAT):
        if str(root) in str(arguments[0]):
            calls += 1
            if calls == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

root, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sys.addaudithook(counted)
for kill_at in range(first, last):  # one process for each step, on a store of its own
    child = os.fork()
    if child == 0:
        root, calls = root / str(kill_at), 0
        Collector(LocalBlobs(root), Rules()).collect()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def make_old(root: Path, digest: Digest, area: Area, age_s: float) -> None:
    path = root / key_of(digest, area)
    then = path.stat().st_ctime - age_s
    os.utime(path, (then, then))


def prepare(root: Path) -> None:
    """A store in which everything can happen: things stay, go, come back, and go for good."""
    blobs = LocalBlobs(root)
    blobs.write(dict(zip(DIGESTS, ALL, strict=True)))
    assert blobs.flush()
    for digest in IN_TRASH:
        blobs.move(digest, Area.ARTIFACTS, Area.TRASH)
    for digest in DIGESTS:
        make_old(root, digest, Area.TRASH if digest in IN_TRASH else Area.ARTIFACTS, LONG_AGO_S)
    now = (root / key_of(DIGESTS[0])).stat().st_ctime
    register(blobs.records, Member("one", "host", "/data", "/root", now - LONG_AGO_S))
    write_mark(blobs.records, "one", now, DigestSet(IN_USE))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_collector_killed_at_any_step_loses_nothing_and_the_next_one_finishes(tmp_path: Path) -> None:
    prepare(tmp_path / "template")
    steps = 48
    for number in range(1, steps + 1):
        shutil.copytree(tmp_path / "template", tmp_path / str(number))
    script = [sys.executable, "-c", COLLECT, str(tmp_path), "1", str(steps + 1)]
    codes = [int(line) for line in subprocess.run(script, check=True, capture_output=True, text=True).stdout.split()]
    assert codes[0] == -signal.SIGKILL
    assert codes[-1] == 0, "there are more steps than are tried"
    assert codes == sorted(codes)
    for number in range(1, steps + 1):
        root = tmp_path / str(number)
        blobs = LocalBlobs(root)
        for digest in IN_USE:
            assert any(blobs.entry(digest, area) for area in (Area.ARTIFACTS, Area.TRASH)), (number, digest)
        Collector(LocalBlobs(root), Rules(), lambda: time.time() + LASTS_S + 1).collect()
        assert [VerifiedStore(LocalBlobs(root)).get(digest) for digest in IN_USE] == ALL[:6]
        there = {area: {entry.digest for entry in blobs.entries(area)} for area in Area}
        assert there[Area.ARTIFACTS] >= set(IN_USE)
        left = there[Area.ARTIFACTS] - set(IN_USE)  # was made young by a move that the kill kept from happening
        assert len(left) <= 8, "one for each thread"
        assert left | there[Area.TRASH] == set(DIGESTS[8:])


def test_two_collectors_at_once_do_what_one_does(tmp_path: Path) -> None:
    """The lease is only a courtesy: without it, they do no harm either."""
    prepare(tmp_path)
    code = (
        "import sys; from contextlib import nullcontext; from unittest.mock import Mock; from pathlib import Path\n"
        "from jupyter_crdt_outputs.store.collection import collector\n"
        "from jupyter_crdt_outputs.store.local import LocalBlobs\n"
        "collector.leased = lambda *_: nullcontext(Mock())\n"
        "for _ in range(20): collector.Collector(LocalBlobs(Path(sys.argv[1])), collector.Rules()).collect()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert {entry.digest for entry in LocalBlobs(tmp_path).entries()} == set(IN_USE)
    assert {entry.digest for entry in LocalBlobs(tmp_path).entries(Area.TRASH)} == set(DIGESTS[8:])


def test_a_hundred_thousand_artifacts(tmp_path: Path) -> None:
    """Empty files, which is all that a collector looks at."""
    count = 100_000
    reached = DigestSet()
    for shard in range(256):
        (tmp_path / "sha256" / f"{shard:02x}").mkdir(parents=True)
    for number in range(count):
        name = f"{number % 256:02x}{number:062x}"
        os.mknod(tmp_path / "sha256" / name[:2] / name)
        if number % 10:
            reached.add(Digest(name))
    blobs = LocalBlobs(tmp_path)
    register(blobs.records, Member("one", "host", "/data", "/root", 0.0))
    now = (tmp_path / "sha256" / "00").stat().st_mtime
    write_mark(blobs.records, "one", now, reached)
    looked = json.loads(json.dumps(Collector(blobs, Rules()).look().to_json()))
    assert (looked["marked"]["count"], looked["young"]["count"]) == (90_000, 10_000)
    report = Collector(blobs, Rules(), lambda: now + 1).collect()
    assert report.tallies[Fate.MARKED].count + report.tallies[Fate.YOUNG].count == count
