"""The notebooks of a folder, and what a command leaves alone there."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ..output import count_text
from .contents import CHECKPOINTS


@dataclass(slots=True)
class Folder:
    """What is below a folder.

    Attributes:
        notebooks: every ``.ipynb`` file, sorted.
        others: how many other files there are.
        outside: notebooks that are links to somewhere else, which are left alone.
        unreadable: folders that could not be listed.
    """

    notebooks: list[Path] = field(default_factory=list)
    others: int = 0
    outside: list[Path] = field(default_factory=list)
    unreadable: list[OSError] = field(default_factory=list)


def folder_at(root: Path, *, checkpoints: bool = False) -> Folder:
    """What is below *root*. Links to folders are not followed, and links to files not out of *root*.

    Args:
        root: the folder.
        checkpoints: whether those of Jupyter belong to it.
    """
    found = Folder()
    for folder, folders, files in os.walk(root, onerror=found.unreadable.append):
        folders[:] = sorted(name for name in folders if checkpoints or name != CHECKPOINTS)
        for path in (Path(folder, name) for name in sorted(files)):
            if path.suffix != ".ipynb":
                found.others += 1
            elif not is_within(path, root):
                found.outside.append(path)
            else:
                found.notebooks.append(path)
    return found


def tell_left_alone(folder: Folder, what: str) -> None:
    """Say, for people, what of a folder a command has not looked at: *what* was not done."""
    if folder.others:
        print(f"{count_text(folder.others, 'other file')} {what}")
    for path in folder.outside:
        print(f"{path} is a link out of the folder: {what}")


def is_within(path: Path, folder: Path) -> bool:
    """Whether *path*, its links followed, is *folder* or below it."""
    real, above = os.path.realpath(path), os.path.realpath(folder)
    return real == above or real.startswith(above.rstrip(os.sep) + os.sep)
