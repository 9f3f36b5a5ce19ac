"""Looking at a local store from outside, as a disk check would."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path


def artifact_files(root: Path) -> list[Path]:
    """Everything that has a final name."""
    return [path for path in (root / "sha256").rglob("*") if not path.is_dir()]


def temporary_files(root: Path) -> list[Path]:
    return list((root / "tmp").iterdir()) if (root / "tmp").exists() else []


def partial_files(root: Path) -> list[Path]:
    """Files under a final name that are not what the name says."""
    return [path for path in artifact_files(root) if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]


def commit_files(root: Path) -> list[Path]:
    """What stands for artifacts whose files may not be on the disk."""
    return list((root / "commits").iterdir()) if (root / "commits").exists() else []


def wait_until_committed(root: Path) -> None:
    """Wait until every artifact is durable under its own name."""
    deadline = time.monotonic() + 30
    while commit_files(root):
        assert time.monotonic() < deadline, "the commit files stay"
        time.sleep(0.05)
