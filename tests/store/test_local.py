"""What only a local store promises: how it writes, who may read it, and that no link leads out of it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactMissing, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.layout import key_of

from .places import artifact_files, partial_files, temporary_files

A, B = b"a" * 1000, b"b" * 1000
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and links")


def test_an_artifact_is_a_plain_file_under_its_digest(tmp_path: Path) -> None:
    """Anyone can check a store with sha256sum."""
    digest = open_store(str(tmp_path)).put(A)
    assert (tmp_path / "sha256" / digest.hex[:2] / digest.hex).read_bytes() == A


@POSIX_ONLY
def test_only_the_owner_may_read_what_cells_printed(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_store(str(tmp_path / "store")).put(A)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "store", *(tmp_path / "store").rglob("*")]}
    assert len(modes) == 5
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}


def test_opening_and_reading_write_nothing(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    with pytest.raises(ArtifactMissing):
        store.get(Digest.of(A))
    assert list(store.digests()) == []
    store.delete(Digest.of(A))
    assert not (tmp_path / "store").exists()


@POSIX_ONLY
def test_bytes_are_synchronised_before_they_get_their_name_and_the_name_before_the_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order on which I1 and I3 stand, watched at the system's own calls."""
    root = tmp_path / "store"
    store = open_store(str(root))
    store.put(B)  # makes the folders of the store itself
    events: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(descriptor: int) -> None:
        events.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(root).parent)))
        fsync(descriptor)

    def watched_replace(self: Path, target: Path) -> Path:
        replace(self, target)
        events.append(("rename", str(target.relative_to(root).parent)))
        return target

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to see which file is synchronised")
    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    shard = Digest.of(A).hex[:2]
    store.put(A)
    written = events.index(("fsync", "tmp"))
    named = events.index(("rename", f"sha256/{shard}"))
    assert written < named
    assert ("fsync", "sha256") in events[named:], "the folder of the artifact, whose parent is sha256"
    assert ("fsync", ".") in events[:named], "the folder of the new shard, whose parent is the root"
    events.clear()
    store.put(A)
    assert events == [], "a repeated put costs no fsync"
    open_store(str(root)).put(A)
    assert ("fsync", "sha256") in events, "the name of what another process wrote may not be durable yet"
    assert ("fsync", ".") in events, "nor may the folder that it made for it"


def test_only_old_leftovers_of_crashed_writers_are_removed(tmp_path: Path) -> None:
    """A second server may be writing a temporary file at this very moment."""
    (tmp_path / "tmp").mkdir()
    old, young = tmp_path / "tmp" / "old", tmp_path / "tmp" / "young"
    for path in (old, young):
        path.write_bytes(b"half of")
    three_days_ago = time.time() - 3 * 24 * 3600
    os.utime(old, (three_days_ago, three_days_ago))
    open_store(str(tmp_path)).put(A)
    assert temporary_files(tmp_path) == [young]


def test_a_put_whose_folders_were_removed_meanwhile_makes_them_again(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    store.put(A)
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    store.put(A)
    store.put(B)
    assert sorted(store.digests()) == sorted([Digest.of(A), Digest.of(B)])


def test_a_put_that_fails_leaves_nothing_under_any_name(tmp_path: Path) -> None:
    """A folder lies where the artifact must be: the rename fails, after everything else went well."""
    (tmp_path / key_of(Digest.of(A))).mkdir(parents=True)
    store = open_store(str(tmp_path))
    with pytest.raises(StoreUnavailable, match="A folder lies where an artifact must be"):
        store.put(A)
    with pytest.raises(ArtifactMissing):
        store.get(Digest.of(A))
    assert artifact_files(tmp_path) == temporary_files(tmp_path) == []


def test_foreign_files_are_no_artifacts(tmp_path: Path) -> None:
    digest = open_store(str(tmp_path)).put(A)
    for name in ("sha256/README", "sha256/zz/x", f"sha256/00/{digest}", f"sha256/{digest.hex[:2]}/{digest}.bak"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert list(open_store(str(tmp_path)).digests()) == [digest]


@POSIX_ONLY
class TestLinks:
    """What a link inside the store names is not in the store."""

    def test_a_link_in_the_place_of_an_artifact_is_not_followed_and_a_put_replaces_it(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.write_bytes(A)
        root = tmp_path / "store"
        link = root / key_of(Digest.of(A))
        link.parent.mkdir(parents=True)
        link.symlink_to(outside)
        store = open_store(str(root))
        for ask in (store.get, store.size, store.verify):
            with pytest.raises(ArtifactMissing):
                ask(Digest.of(A))
        assert list(store.digests()) == []
        store.put(A)
        assert store.get(Digest.of(A)) == A
        assert not link.is_symlink()
        assert outside.read_bytes() == A

    @pytest.mark.parametrize("folder", ["sha256", f"sha256/{Digest.of(A).hex[:2]}"])
    def test_a_link_in_the_place_of_a_folder_is_refused(self, tmp_path: Path, folder: str) -> None:
        outside = tmp_path / "outside"
        open_store(str(outside)).put(A)
        root = tmp_path / "store"
        (root / folder).parent.mkdir(parents=True)
        (root / folder).symlink_to(outside / folder)
        store = open_store(str(root))
        for ask in (store.get, store.size, store.delete):
            with pytest.raises(StoreUnavailable, match="not followed"):
                ask(Digest.of(A))
        with pytest.raises(StoreUnavailable, match="not followed"):
            store.put(A)
        if folder == "sha256":
            with pytest.raises(StoreUnavailable, match="not followed"):
                list(store.digests())
        else:
            assert list(store.digests()) == []
        assert open_store(str(outside)).get(Digest.of(A)) == A

    def test_the_store_itself_may_lie_behind_a_link(self, tmp_path: Path) -> None:
        """Where a store lies is its owner's choice."""
        (tmp_path / "disk").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "disk")
        digest = open_store(str(tmp_path / "link")).put(A)
        assert open_store(str(tmp_path / "disk")).get(digest) == A

    def test_a_pipe_in_the_place_of_an_artifact_does_not_block(self, tmp_path: Path) -> None:
        path = tmp_path / key_of(Digest.of(A))
        path.parent.mkdir(parents=True)
        os.mkfifo(path)
        with pytest.raises(ArtifactMissing):
            open_store(str(tmp_path)).get(Digest.of(A))


def test_two_servers_putting_the_same_artifacts_agree(tmp_path: Path) -> None:
    """Two real processes, the same hundred artifacts, at once."""
    code = (
        "import sys; from jupyter_crdt_outputs.store import open_store; store = open_store(sys.argv[1])\n"
        "for round in range(5):\n"
        "    store.put_many([b'%d' % number * 1000 for number in range(100)])\n"
        "    for number in range(100): store.get(store.put(b'%d' % number * 1000))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert len(artifact_files(tmp_path)) == 100
    assert partial_files(tmp_path) == temporary_files(tmp_path) == []


@POSIX_ONLY
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir(mode=0o500)
    with pytest.raises(StoreUnavailable, match="right to read and write"):
        open_store(str(tmp_path / "store")).put(A)
