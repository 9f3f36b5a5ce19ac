"""What can still be had of former runs of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ArtifactCorrupt, ArtifactMissing, InvalidRequest, OutputsGone, StoreUnavailable
from ..model.executions import ExecutionRecord
from ..model.reference import LogReference, LongStreamReference, reference_in
from ..store import ArtifactStore
from ..store.collection.marking import segments_of
from ..store.history import History
from ..store.history.keeping import OutputKeeper
from ..store.history.previous import runs_of


@dataclass(frozen=True, slots=True)
class PreviousRuns:
    """The runs of cells whose outputs are kept. Everything here blocks.

    Attributes:
        history: knows the runs.
        keeper: has their outputs.
        store: has what those refer to.
        most: how many runs of a cell are kept.
        age_s: for how long.
    """

    history: History
    keeper: OutputKeeper
    store: ArtifactStore
    most: int
    age_s: float

    def of_cell(self, file_id: str, cell: str) -> list[ExecutionRecord]:
        """The runs of a cell, the newest first. Raises StoreUnavailable."""
        return runs_of(self.history.find, file_id, cell, self.most, self.age_s)

    def kept(self, record: ExecutionRecord) -> ExecutionRecord:
        """The same record with its outputs, if they are still kept.

        Raises:
            OutputsGone: its outputs are not kept, or no longer.
            StoreUnavailable: nobody knows.
        """
        for run in self.of_cell(record.file_id, record.cell):
            if run.id == record.id:
                return run
        raise OutputsGone(f"the outputs of {_name_of(record)} are not kept any longer")

    def outputs_of(self, record: ExecutionRecord) -> list[dict[str, Any]] | None:
        """The outputs of an execution as they were at its end; None when they cannot be had. Never raises for that."""
        try:
            return self.shown(self.kept(record))[0]
        except (OutputsGone, StoreUnavailable):
            return None

    def shown(self, record: ExecutionRecord) -> tuple[list[dict[str, Any]] | None, str]:
        """The outputs of a run in the document's form, or None and why they cannot be had."""
        try:
            return (None if record.kept is None else self.keeper.load(record.kept)), ""
        except ArtifactMissing:
            return None, "The outputs of this run were removed from the store."
        except ArtifactCorrupt:
            return None, "What the store has of this run is damaged."
        except StoreUnavailable:
            return None, "The store does not answer; try again later."
        except InvalidRequest as error:
            return None, f"{error}."

    def whole(self, record: ExecutionRecord) -> list[dict[str, Any]]:
        """The outputs of a run, all of whose artifacts are in the store.

        Raises:
            OutputsGone: they are not all there.
            StoreUnavailable: nobody knows.
        """
        try:
            if record.kept is None:
                raise OutputsGone(f"the outputs of {_name_of(record)} are not kept")
            outputs = self.keeper.load(record.kept)
            for output in outputs:
                self._must_be_there(output)
        except (ArtifactMissing, ArtifactCorrupt, InvalidRequest) as error:
            raise OutputsGone(f"{_name_of(record)} cannot be put back: {error.public}") from error
        return outputs

    def _must_be_there(self, output: Mapping[str, Any]) -> None:
        reference = reference_in(output)
        if isinstance(reference, LogReference):
            raise InvalidRequest("a long text of it never came into the store")
        for digest in () if reference is None else reference.digests:
            self.store.size(digest)
            if isinstance(reference, LongStreamReference):
                for segment in segments_of(self.store, digest):
                    self.store.size(segment)


def _name_of(record: ExecutionRecord) -> str:
    return f"the run of {(record.started_at or record.queued_at)[:19].replace('T', ' ')} UTC"
