"""Outputs that cannot be restored, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError, StoreUnavailable

_GRAVEST_FIRST = (ArtifactCorrupt, ArtifactMissing, StoreUnavailable)


@dataclass(frozen=True, slots=True)
class Where:
    """The place of an output, for people: both numbers count from 1.

    Attributes:
        cell: the number of the cell, all types of cells counted.
        cell_id: empty where the notebook's version has none.
        output: the number of the output in its cell.
    """

    cell: int
    cell_id: str
    output: int

    def __str__(self) -> str:
        return f"cell {self.cell}{f' (id {self.cell_id})' if self.cell_id else ''}, output {self.output}"


@dataclass(frozen=True, slots=True)
class Lack:
    """An output that cannot be restored, and why."""

    where: Where
    error: CrdtOutputsError

    def __str__(self) -> str:
        return f"{self.where}: {self.error}"


class Incomplete(CrdtOutputsError):
    """Outputs cannot be restored. What was written so far is no notebook.

    Attributes:
        lacks: in the notebook's order; never empty.
        gravest: of their errors, the one whose exit code and HTTP status to give.
    """

    def __init__(self, lacks: Sequence[Lack]) -> None:
        super().__init__(
            "\n".join(map(str, lacks)), public="\n".join(f"{lack.where}: {lack.error.public}" for lack in lacks)
        )
        self.lacks = list(lacks)
        self.gravest = gravest([lack.error for lack in lacks])


def gravest(errors: Sequence[CrdtOutputsError]) -> CrdtOutputsError:
    """Of several errors, the one to leave with: what is corrupt before what is missing before what is away."""
    return next((error for kind in _GRAVEST_FIRST for error in errors if isinstance(error, kind)), errors[0])
