"""``gc``, ``pin``, ``unpin``, ``restore`` and ``purge``."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactRemoved
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.store.collection import marks, members
from jupyter_crdt_outputs.store.collection.digest_set import DigestSet
from jupyter_crdt_outputs.store.collection.lease import leased
from jupyter_crdt_outputs.store.collection.members import Member
from jupyter_crdt_outputs.store.history.segments import Segments
from jupyter_crdt_outputs.store.layout import RECORDS, Area, key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from ..store.test_previous_runs import shows, with_outputs
from .conftest import opened
from .program import Program
from .terminal import on_a_terminal
from .test_stats import POLICY, STREAM, write_notebook

POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
DAY_S = 86400


def age(path: Path, days: float) -> None:
    os.utime(path, (time.time() - days * DAY_S,) * 2)


def put_old(store: VerifiedStore, data: bytes, days: float = 100) -> Digest:
    digest = store.put(data)
    age(Path(store.blobs.where) / key_of(digest), days)
    return digest


def add_member(store: VerifiedStore, name: str, since_days: float, marked_days: float | None, *uses: Digest) -> str:
    """A server that registered, and told what it uses, so many days ago."""
    records, now = store.blobs.records, time.time()
    member = members.register(records, Member(name * 32, "host-" + name, "/d", "/r/" + name, now - since_days * DAY_S))
    if marked_days is not None:
        reached = DigestSet()
        for digest in uses:
            reached.add(digest)
        marks.write_mark(records, member.id, now - marked_days * DAY_S, reached)
    return member.id


def in_trash(store: VerifiedStore) -> set[Digest]:
    return {entry.digest for entry in store.blobs.entries(Area.TRASH)}


class TestGc:
    def test_it_only_tells_what_would_go_until_it_is_told_to(self, program: Program, store: VerifiedStore) -> None:
        used, unused, young = put_old(store, b"used"), put_old(store, b"unused"), store.put(b"young")
        add_member(store, "a", 200, 1, used)
        told = program.json("gc")
        assert (told["dry_run"], told["trashed"], told["marked"]["count"]) == (True, {"count": 1, "bytes": 6}, 1)
        assert told["young"]["count"] == 1
        assert [member["host"] for member in told["members"]] == ["host-a"]
        ran = program.run("gc")
        assert b"would go to the trash" in ran.stdout
        assert b"gc --delete" in ran.stderr
        assert in_trash(store) == set()
        assert program.json("gc", "--delete")["trashed"]["count"] == 1
        assert in_trash(store) == {unused}
        assert set(store.digests()) == {used, young}

    def test_what_was_long_in_the_trash_goes_for_good(self, program: Program, store: VerifiedStore) -> None:
        digest = put_old(store, b"unused")
        add_member(store, "a", 200, 1)
        program.run("gc", "--delete")
        assert program.json("gc", "--delete")["waiting"]["count"] == 1
        age(Path(store.blobs.where) / "trash" / digest.hex[:2] / digest.hex, 50)
        assert "were removed from the trash for good" in program.text("gc", "--delete")
        assert in_trash(store) == set()

    def test_nothing_goes_where_no_server_has_registered(self, program: Program, store: VerifiedStore) -> None:
        put_old(store, b"unused")
        told = program.json("gc", "--delete")
        assert (told["trashed"]["count"], told["cutoff"]) == (0, None)
        assert "No server has registered" in told["notes"][0]

    def test_what_notebooks_in_a_further_folder_refer_to_stays(self, program: Program, store: VerifiedStore) -> None:
        stream = offload(STREAM, POLICY)
        digests = [put_old(store, data) for data in stream.artifacts.values()]
        unused = put_old(store, b"unused")
        add_member(store, "a", 200, 1)
        notebook = write_notebook(program.home / "further" / "a.ipynb", stream.output)
        further = str(notebook.parent)
        ran = program.run("gc", "--root", further)
        assert b"refer to 1 artifact" in ran.stderr
        assert "no folder" in program.error("gc", "--root", further + "x", code=2)
        assert len(program.json("gc")["members"]) == 1, "a dry run writes nothing"
        told = program.json("gc", "--delete", "--root", further)
        assert (told["marked"]["count"], told["trashed"]["count"]) == (len(digests), 1)
        assert in_trash(store) == {unused}
        assert {member["root_dir"] for member in told["members"]} == {"/r/a", further}

    def test_a_server_that_is_silent_holds_all_up_and_is_named_until_it_is_forgotten(
        self, program: Program, store: VerifiedStore
    ) -> None:
        digest = put_old(store, b"unused", 60)
        add_member(store, "a", 200, 1)
        silent = add_member(store, "b", 200, 90)
        told = program.json("gc", "--delete")
        assert told["trashed"]["count"] == 0
        assert any("/r/b on host-b" in note and f"gc --forget {silent[:8]}" in note for note in told["notes"])
        assert "--yes" in program.error("gc", "--forget", "bbbb", code=2)
        assert "there is none such" in program.error("gc", "--forget", "cccc", "--yes", code=2)
        told = program.json("gc", "--forget", "bbbb", "--yes", "--delete")
        assert (told["trashed"]["count"], len(told["members"])) == (1, 1)
        assert in_trash(store) == {digest}

    def test_a_server_whose_record_is_damaged_holds_up_the_others_until_it_is_forgotten(
        self, program: Program, store: VerifiedStore
    ) -> None:
        digest = put_old(store, b"unused", 60)
        add_member(store, "a", 200, 1)
        damaged = add_member(store, "b", 200, 90)
        store.blobs.records.write(members.KIND, damaged, b"{")
        assert f"gc --forget {damaged[:8]}" in program.error("gc", "--delete", code=5)
        told = program.json("gc", "--forget", damaged[:8], "--yes", "--delete")
        assert (told["trashed"]["count"], len(told["members"])) == (1, 1)
        assert in_trash(store) == {digest}

    def test_a_grace_that_is_too_short_is_refused_and_a_longer_one_kept(
        self, program: Program, store: VerifiedStore
    ) -> None:
        put_old(store, b"unused", 60)
        add_member(store, "a", 200, 1)
        assert "cannot work" in program.error("gc", "--grace-days", "0", code=2)
        assert program.json("gc", "--grace-days", "90")["trashed"]["count"] == 0
        assert program.json("gc", "--grace-days", "30")["trashed"]["count"] == 1
        program.configure(grace_days=90)
        assert program.json("gc")["trashed"]["count"] == 0, "the server's own, when none is given"

    def test_two_do_not_collect_at_once(self, program: Program, store: VerifiedStore) -> None:
        add_member(store, "a", 200, 1)
        with leased(store.blobs.records, time.time):
            assert "another collector is at work" in program.error("gc", "--delete", code=9)
            program.run("gc")
        program.run("gc", "--delete")

    def test_a_running_server_that_has_not_registered_is_named(self, program: Program, store: VerifiedStore) -> None:
        add_member(store, "a", 200, 1)
        runtime = program.home / "runtime"
        runtime.mkdir()
        info = {"pid": os.getpid(), "url": "http://localhost:1/?token=secret", "root_dir": "/r/mine"}
        (runtime / "jpserver-1.json").write_text(json.dumps(info))
        notes = program.json("gc")["notes"]
        assert any("/r/mine" in note and "not registered" in note for note in notes)
        assert "secret" not in str(notes)
        info["root_dir"] = "/r/a"
        (runtime / "jpserver-1.json").write_text(json.dumps(info))
        member = Path(store.blobs.where) / RECORDS / "members" / ("a" * 32)
        member.write_text(member.read_text().replace("host-a", socket.gethostname()))
        assert not any("not registered" in note for note in program.json("gc")["notes"])

    def test_what_a_server_that_is_stopped_keeps_of_previous_runs_stays(
        self, program: Program, store: VerifiedStore
    ) -> None:
        root, data = program.home / "root", program.home / "data"
        root.mkdir()
        host, digests = socket.gethostname(), [put_old(store, b"%d" % number) for number in range(3)]
        member = Member(members.member_id(host, str(data), str(root)), host, str(data), str(root), 1.0, (str(root),))
        members.register(store.blobs.records, member)
        runs = [with_outputs(shows(digest), age_s=age) for digest, age in zip(digests, (3, 2, 1), strict=True)]
        Segments(store.blobs.records, 100, 30 * DAY_S).write(runs)
        program.configure(previous_runs=2)
        program.run("gc", "--delete")
        assert in_trash(store) == {digests[0]}


class TestPins:
    def test_what_is_pinned_stays_and_is_listed_with_its_reason(self, program: Program, store: VerifiedStore) -> None:
        digest = put_old(store, b"unused")
        add_member(store, "a", 200, 1)
        assert program.json("pin", digest.hex[:8], "--reason", "für Ω") == {"pinned": [digest.hex], "missing": []}
        (pinned,) = program.json("pin")["pins"]
        assert (pinned["digest"], pinned["reason"]) == (digest.hex, "für Ω")
        assert "für Ω" in program.text("pin")
        assert program.json("gc", "--delete")["pinned"]["count"] == 1
        assert program.json("unpin", digest.hex[:8])["unpinned"] == [digest.hex]
        assert program.json("pin")["pins"] == []
        assert program.json("gc", "--delete")["trashed"]["count"] == 1

    def test_a_notebook_s_artifacts_are_pinned_together(self, program: Program, store: VerifiedStore) -> None:
        stream = offload(STREAM, POLICY)
        digests = store.put_many([*stream.artifacts.values()])
        notebook = str(write_notebook(program.home / "a.ipynb", stream.output))
        store.delete(digests[0])
        told = program.json("pin", "--notebook", notebook, code=3)
        assert sorted(told["pinned"]) == sorted(digest.hex for digest in digests[1:])
        assert told["missing"] == [digests[0].hex]
        assert len(program.json("unpin", "--notebook", notebook)["unpinned"]) == len(digests) - 1

    def test_what_is_nowhere_is_not_pinned(self, program: Program, store: VerifiedStore) -> None:
        assert program.json("pin", "0" * 64, code=3)["missing"] == ["0" * 64]
        assert program.json("pin")["pins"] == []


def test_what_is_in_the_trash_can_be_restored(program: Program, store: VerifiedStore) -> None:
    one, two, three = (store.put(data) for data in (b"1", b"2", b"3"))
    for digest in (one, two, three):
        store.blobs.move(digest, Area.ARTIFACTS, Area.TRASH)
    assert program.json("restore", one.hex[:10])["restored"] == [one.hex]
    assert len(program.json("restore", "--all")["restored"]) == 2
    assert set(store.digests()) == {one, two, three}
    assert program.json("restore", "0" * 64, code=3)["missing"] == ["0" * 64]
    program.error("restore", code=2)


class TestPurge:
    def test_it_removes_the_bytes_everywhere_and_they_are_refused_ever_after(
        self, program: Program, store: VerifiedStore
    ) -> None:
        digest = store.put(b"secret" * 100_000)
        assert "--yes" in program.error("purge", digest.hex, code=2)
        (purged,) = program.json("purge", digest.hex[:8], "--yes", "--reason", "a person asked")["purged"]
        assert purged == {"digest": digest.hex, "was_in": ["artifacts"], "complete": True}
        store = opened(store.blobs.where)
        store.put(b"secret" * 100_000)
        assert list(store.digests()) == []
        with pytest.raises(ArtifactRemoved):
            store.get(digest)
        told = program.error("cat", digest.hex, code=8)
        assert "removed on" in told
        assert "(a person asked)" in told
        assert program.json("verify", digest.hex)["purged"] == [digest.hex]

    @POSIX_ONLY
    def test_it_asks_on_a_terminal(self, program: Program, store: VerifiedStore) -> None:
        digest = store.put(b"x" * 2_000_000)
        code, shown = on_a_terminal(program, "purge", digest.hex, answer="n\n")
        assert code == 2
        assert "Remove 1 artifact of 2.0 MB" in shown
        assert list(store.digests()) == [digest]
        code, _ = on_a_terminal(program, "purge", digest.hex, answer="y\n")
        assert code == 0
        assert list(opened(store.blobs.where).digests()) == []

    def test_a_copy_does_not_bring_back_what_was_purged_and_keeps_what_is_pinned(
        self, program: Program, store: VerifiedStore, tmp_path: Path
    ) -> None:
        secret, kept, other = store.put_many([b"secret" * 50_000, b"kept", b"other"])
        target = opened(str(tmp_path / "target"))
        target.put(b"earlier")
        target.blobs.records.create("tombstones", other.hex, b"{}")
        program.run("pin", kept.hex, "--reason", "paper")
        program.run("purge", secret.hex, "--yes")
        told = program.json("copy", store.blobs.where, target.blobs.where)
        assert (told["copied"], told["purged"]) == (1, [other.hex])
        assert program.json("pin", "--store", target.blobs.where)["pins"][0]["reason"] == "paper"
        with pytest.raises(ArtifactRemoved):
            opened(target.blobs.where).get(secret)


class TestSpool:
    """What a server on this machine has not uploaded yet."""

    @pytest.fixture
    def spool(self, program: Program, s3: str) -> VerifiedStore:
        from hashlib import sha256

        own = program.home / "data" / "crdt-outputs-spool" / sha256(s3.encode()).hexdigest()[:16]
        return opened(str(own / "spool"))

    def test_cat_and_stats_see_it_and_the_doctor_says_how_long_it_has_waited(
        self, program: Program, s3: str, spool: VerifiedStore
    ) -> None:
        stream = offload(STREAM, POLICY)
        digests = spool.put_many([*stream.artifacts.values()])
        age(Path(spool.blobs.where) / key_of(digests[0]), 1)
        write_notebook(program.home / "root" / "a.ipynb", stream.output)
        assert program.run("cat", digests[0].hex[:8], "--store", s3).stdout == stream.artifacts[digests[0]]
        told = program.json("stats", "--store", s3, "--root", str(program.home / "root"))
        assert (told["artifacts"], told["waiting"]["artifacts"]) == (0, len(digests))
        assert told["notebooks"][0]["missing"] == []
        found = {check["name"]: check for check in program.json("doctor", "--store", s3)["checks"]}
        assert found["store, spool"]["level"] == "warning"
        assert "1 d" in found["store, spool"]["message"]

    def test_purge_removes_it_too(self, program: Program, s3: str, spool: VerifiedStore) -> None:
        digest = spool.put(b"secret" * 100_000)
        cache = opened(str(Path(spool.blobs.where).parent / "cache"))
        cache.put(b"secret" * 100_000)
        program.run("purge", digest.hex, "--yes", "--store", s3)
        assert list(spool.blobs.entries()) == list(cache.blobs.entries()) == []
