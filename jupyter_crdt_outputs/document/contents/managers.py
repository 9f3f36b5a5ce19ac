"""Which contents managers save in pieces.

Another extension may put its own in the place of the server's at any time while the server starts, as jupytext does. So
what matters is the one that a notebook is really saved by: a notebook with references must never reach another.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..rooms import Room
from .for_saving import saving
from .splicing_contents import SplicingContents


class ContentsManagers:
    """Stands in front of those contents managers that it knows how to help.

    Args:
        splicing: makes what stands in front of one.
    """

    def __init__(self, splicing: Callable[[Any], SplicingContents]) -> None:
        self._splicing = splicing
        self._known: list[tuple[Any, SplicingContents]] = []  # one or two of them

    def take(self, manager: Any) -> None:
        """Stand in front of this one, if that has not been done."""
        if self._of(manager) is None:
            splicing = self._splicing(manager)
            if splicing.install():
                self._known.append((manager, splicing))

    def saving(self, room: Room) -> AbstractContextManager[None]:
        """A context in which this notebook is saved."""
        return nullcontext() if self._of(room.contents_manager) is None else saving()

    def size_of(self, path: str) -> int:
        """Bytes of the file at *path* when it was last saved here; 0 when it never was."""
        return max((splicing.size_of(path) for _, splicing in self._known), default=0)

    def stop(self) -> None:
        """Nothing is saved any more. Blocks."""
        for _, splicing in self._known:
            splicing.stop()

    def _of(self, manager: Any) -> SplicingContents | None:
        for known, splicing in self._known:
            if known is manager and splicing.is_installed:
                return splicing
        return None
