"""Artifacts wherever this machine has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..errors import ArtifactCorrupt, ArtifactMissing
from ..model.digest import Digest
from ..store import ArtifactStore

T = TypeVar("T")


class Originals:
    """What can be read from the first of several stores that has it whole.

    Args:
        stores: what is nearest first; the last is the one whose word counts.
    """

    def __init__(self, stores: Sequence[ArtifactStore]) -> None:
        self._near = stores[:-1]
        self._store = stores[-1]

    def get(self, digest: Digest) -> bytes:
        """The whole artifact, verified. Raises as the last store does."""
        return self._ask(lambda store: store.get(digest))

    def size(self, digest: Digest) -> int:
        """How many bytes it has. Raises as the last store does."""
        return self._ask(lambda store: store.size(digest))

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """A part of it, verified. Raises as the last store does."""
        return self._ask(lambda store: store.read(digest, start, stop))

    def _ask(self, verb: Callable[[ArtifactStore], T]) -> T:
        for store in self._near:
            try:
                return verb(store)
            except (ArtifactMissing, ArtifactCorrupt):
                continue
        return verb(self._store)
