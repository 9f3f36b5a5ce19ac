"""What is known of a file is used for that very file, and for nothing else."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_outputs.files import KnownNotebook, KnownNotebooks

SECOND = 1_000_000_000
HASH = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"  # of "hello\n"
KNOWN = KnownNotebook({"cells": [1]}, HASH, "sha256", "signature", "me", "plan", {"key": (1, 2)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    path.write_text("hello\n")
    return path


def at(path: Path, later_s: float, **options: Any) -> KnownNotebooks:
    """A memory whose clock is so much later than the file's last change."""
    now = path.stat().st_ctime_ns + int(later_s * SECOND)
    return KnownNotebooks(path.parent / "known", options.pop("policy", "1"), clock=lambda: now, **options)


def found(known: KnownNotebooks, path: Path) -> KnownNotebook | None:
    result = known.find(path, "sha256")
    return None if result is None else result[0]


def test_a_file_is_known_in_the_next_process_as_it_was_remembered(path: Path) -> None:
    at(path, 10).remember(path, path.stat(), KNOWN)
    assert found(at(path, 99), path) == KNOWN


def test_a_file_that_changed_is_not_known(path: Path) -> None:
    at(path, 10).remember(path, path.stat(), KNOWN)
    before = path.stat()
    path.write_text("hallo\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # its size and time are the same
    assert found(at(path, 99), path) is None


def test_a_file_that_was_just_written_when_it_was_looked_at_is_hashed_first(path: Path) -> None:
    known, before = at(path, 1), path.stat()
    known.remember(path, before, KNOWN)
    assert found(known, path) == KNOWN
    path.write_text("hallo\n")
    # Within a tick, nothing of the file's state would have changed.
    note = next((path.parent / "known").glob("at-*"))
    body = json.loads(note.read_bytes().partition(b"\n")[2])
    now = path.stat()
    body["state"] = [now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns]
    text = json.dumps(body).encode()
    note.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    assert found(at(path, 99), path) is None


@pytest.mark.parametrize("rename", [True, False])
def test_a_copy_and_a_file_that_was_renamed_are_known_by_their_bytes(path: Path, rename: bool) -> None:
    at(path, 10).remember(path, path.stat(), KNOWN)
    other = path.with_name("b.ipynb")
    other.write_text("hello\n")
    if rename:
        other.unlink()
        path.rename(other)
    assert found(at(other, 99), other) == KNOWN


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data.replace(b"cells", b"CELLS"),
        lambda _data: b"",
        lambda _data: b"{}\n{}",
        lambda _data: b"\xff" * 99,
    ],
)
def test_a_damaged_memory_is_no_memory(path: Path, damage: Callable[[bytes], bytes]) -> None:
    known = at(path, 10)
    known.remember(path, path.stat(), KNOWN)
    for file in (path.parent / "known").iterdir():
        file.write_bytes(damage(file.read_bytes()))
        assert found(known, path) in (None, KNOWN)  # by its hash, if only the note of its state is damaged
        known.remember(path, path.stat(), KNOWN)
        assert found(known, path) == KNOWN


def test_what_another_policy_made_is_not_used(path: Path) -> None:
    at(path, 10).remember(path, path.stat(), KNOWN)
    assert found(at(path, 10, policy="2"), path) is None


def test_the_least_recently_used_are_forgotten(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.ipynb"
        path.write_text("x" * number)
        at(path, 10, max_bytes=8000).remember(path, path.stat(), KNOWN)
    folder = tmp_path / "known"
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 8000
    last = tmp_path / "19.ipynb"
    assert found(at(last, 10), last) == KNOWN
    assert found(at(tmp_path / "0.ipynb", 10), tmp_path / "0.ipynb") is None


def test_a_folder_that_cannot_be_made_harms_nobody(path: Path) -> None:
    (path.parent / "known").write_text("a file")
    known = at(path, 10)
    known.remember(path, path.stat(), KNOWN)
    assert found(known, path) is None
