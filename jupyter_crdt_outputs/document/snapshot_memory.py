"""How much of the text of open notebooks is held in memory beside their documents, so that saves need not make it."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

_MOST_CHARACTERS = 1 << 25
"""Some 200 MB at the very most: what becomes of a cell in a file is held with it."""


class HoldsSnapshots(Protocol):
    """What can be told to forget."""

    def forget(self) -> None:
        """Hold nothing any more. What is asked for next is made anew."""
        ...


class SnapshotMemory:
    """Lets those hold their snapshots that were used last, as long as all together have so many characters.

    Args:
        most: characters.
    """

    def __init__(self, most: int = _MOST_CHARACTERS) -> None:
        self._most = most
        self._held: OrderedDict[weakref.ref[HoldsSnapshots], int] = OrderedDict()  # a notebook is closed unasked

    def used(self, holder: HoldsSnapshots, characters: int) -> None:
        """*holder* was asked just now, and holds so many characters; what is too much is forgotten, even by itself."""
        held = weakref.ref(holder)
        self._held[held] = characters
        self._held.move_to_end(held)
        for closed in [each for each in self._held if each() is None]:
            del self._held[closed]
        while sum(self._held.values()) > self._most:
            oldest, _ = self._held.popitem(last=False)
            if (forgetful := oldest()) is not None:
                forgetful.forget()


def characters_in(value: Any) -> int:
    """Of all texts in *value*, keys left out."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(characters_in, value.values()))
    return sum(map(characters_in, value)) if isinstance(value, list) else 0
