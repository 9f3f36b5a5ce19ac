"""Notebooks that are rewritten where they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from ..refused import Refused
from .folders import Folder, folder_at
from .reading import ChangedMeanwhile

T = TypeVar("T")

_ATTEMPTS = 3


def notebooks_at(sources: Iterable[Path], *, checkpoints: bool = False) -> Folder:
    """All notebooks that are given, or are in folders that are given; each once.

    Args:
        sources: paths of both.
        checkpoints: whether those of Jupyter belong to the folders.

    Raises:
        Refused: there is no such path.
    """
    all_, seen = Folder(), set[str]()
    for source in sources:
        if not source.exists():
            raise Refused(f"there is no notebook or folder {source}")
        found = folder_at(source, checkpoints=checkpoints) if source.is_dir() else Folder([source])
        for path in found.notebooks:
            if (real := os.path.realpath(path)) not in seen:
                seen.add(real)
                all_.notebooks.append(path)
        all_.others += found.others
        all_.outside += found.outside
        all_.unreadable += found.unreadable
    return all_


def settled(work: Callable[[Path], T]) -> Callable[[Path], T]:
    """The same *work*, begun anew a few times for a file that somebody else writes meanwhile."""

    def again(path: Path) -> T:
        for _ in range(_ATTEMPTS - 1):
            try:
                return work(path)
            except ChangedMeanwhile:
                continue
        return work(path)

    return again
