"""Real disks that are full, and real disks that lose power. They need the right to mount; CI has it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import StoreFull
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.local import commit_log

from .places import partial_files, temporary_files, wait_until_committed

Mounter = Callable[..., Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mounter]:
    """Makes a folder of a name and mounts on it, with arguments as the command of this name takes them."""
    with ExitStack() as stack:

        def mounted(name: str, *arguments: str) -> Path:
            point = tmp_path / name
            point.mkdir()
            command = shutil.which("mount")
            if command is None:
                pytest.skip("there is no mount command")
            done = subprocess.run([command, *arguments, point], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"not permitted to mount: {done.stderr.strip()}")
            stack.callback(subprocess.check_call, ["umount", str(point)])
            return point

        yield mounted


def test_a_full_disk_is_said_to_be_full_and_nothing_partial_is_left(mount: Mounter) -> None:
    root = mount("small", "-t", "tmpfs", "-o", "size=1m", "tmpfs") / "store"
    store = open_store(str(root))
    kept = store.put(os.urandom(500_000))
    large = os.urandom(700_000)
    with pytest.raises(StoreFull, match="Make room there"):
        store.put(large)
    with pytest.raises(StoreFull):
        store.put_many([os.urandom(300_000) for _ in range(4)])
    assert temporary_files(root) == partial_files(root) == []
    assert store.get(kept)
    for digest in list(store.digests()):
        store.delete(digest)
    assert store.get(store.put(large)) == large, "room was made"


def test_a_disk_without_inodes_is_full_as_well(mount: Mounter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_log, "_LONGEST_S", 0.5)
    root = mount("small", "-t", "tmpfs", "-o", "size=1m,nr_inodes=12", "tmpfs")
    store = open_store(str(root))
    with pytest.raises(StoreFull):
        store.put_many([b"%d" % number for number in range(20)])
    assert temporary_files(root) == partial_files(root) == []
    wait_until_committed(root)  # or the disk is busy


@pytest.mark.skipif(shutil.which("mkfs.ext4") is None, reason="there is no mkfs.ext4")
@pytest.mark.parametrize("size", [2_000, 200_000, 300_000])
def test_what_was_acknowledged_is_there_after_a_power_failure(
    mount: Mounter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The disk as it is at the moment of the return, with everything lost that was only in memory."""
    monkeypatch.setattr(commit_log, "_LONGEST_S", 3.0)
    image = tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)
    disk = mount("disk-mounted", "-o", "loop", str(image))
    store = open_store(str(disk / "store"))
    for attempt in range(3):
        single, *many = [os.urandom(size + number) for number in range(20)]
        store.put(single)
        store.put_many(many)
        after_power_failure = tmp_path / f"copy{attempt}"
        shutil.copyfile(image, after_power_failure)
        root = mount(f"copy-mounted{attempt}", "-o", "loop", str(after_power_failure)) / "store"
        after = open_store(str(root))
        assert [after.get(Digest.of(data)) for data in [single, *many]] == [single, *many]
        assert partial_files(root) == []
    wait_until_committed(disk / "store")  # or the disk is busy
