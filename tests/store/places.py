"""Looking at a local store from outside, as a disk check would."""

from __future__ import annotations

import hashlib
from pathlib import Path


def artifact_files(root: Path) -> list[Path]:
    """Everything that has a final name."""
    return [path for path in (root / "sha256").rglob("*") if not path.is_dir()]


def temporary_files(root: Path) -> list[Path]:
    return list((root / "tmp").iterdir()) if (root / "tmp").exists() else []


def partial_files(root: Path) -> list[Path]:
    """Files under a final name that are not what the name says."""
    return [path for path in artifact_files(root) if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]
