"""Not letting a reference take the place of an original that nothing else has."""

from __future__ import annotations

from ..errors import ArtifactMissing, StoreUnavailable
from ..model.digest import Digest
from ..model.reference import Reference
from .artifact_store import ArtifactStore
from .recent import Recent

_REMEMBERED = 1 << 16


class LostOriginals:
    """Which references may be written into a file, which may have the only copy of what they stand for.

    Args:
        store: where artifacts lie.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._harmless: Recent[Digest, None] = Recent(_REMEMBERED)

    def came_from_file(self, reference: Reference) -> None:
        """A file has this reference: there is no original in it to be lost."""
        for digest in reference.digests:
            self._harmless.put(digest, None)

    def why(self, reference: Reference) -> str:
        """Why a reference must not stand in a file, in words; empty when it may.

        Costs a look at the store the first time only, and none for what came from a file.
        """
        if all(digest in self._harmless for digest in reference.digests):
            return ""
        try:
            for digest in reference.digests:
                self._store.size(digest)
        except ArtifactMissing as error:
            return str(error)
        except StoreUnavailable:  # what was put there is there
            return ""
        self.came_from_file(reference)
        return ""
