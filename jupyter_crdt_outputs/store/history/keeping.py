"""Keeping the outputs of executions beside their records, and reading them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import InvalidRequest
from ...model.kept_outputs import INLINE_BYTES, MOST_BYTES, KeptOutputs, checked, json_of, parse_json
from ..artifact_store import ArtifactStore


class OutputKeeper:
    """Keeps outputs, small ones in the line of their record and others as one artifact. Blocks: call it in a thread.

    Args:
        store: where those are.
        most: how many runs of a cell are kept; with 0, none is.
    """

    def __init__(self, store: ArtifactStore, most: int) -> None:
        self._store = store
        self._most = most

    def keep(self, outputs: Sequence[Mapping[str, Any]]) -> KeptOutputs | None:
        """Keep these, unless the store does not take them: they are worth less than those in the document.

        Never raises: whatever goes wrong here is no reason to lose the record.
        """
        data = json_of(outputs) if self._most else None
        if data is None:
            return None
        if len(data) <= INLINE_BYTES:
            return KeptOutputs(inline=list(outputs))
        try:
            return KeptOutputs(stored=self._store.put(data))
        except Exception:  # a full disk, a store that is away; the thread has the records of all others to write
            return None

    def load(self, kept: KeptOutputs) -> list[dict[str, Any]]:
        """The outputs that were kept.

        Raises:
            ArtifactMissing, ArtifactCorrupt, StoreUnavailable: of the artifact that they are.
            InvalidRequest: they are no outputs.
        """
        if kept.stored is None:
            return checked(kept.inline)
        if self._store.size(kept.stored) > MOST_BYTES:
            raise InvalidRequest("what was kept of this run is damaged: it is too long")
        return parse_json(self._store.get(kept.stored))
