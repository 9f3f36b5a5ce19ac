"""A table of what is measured against something else in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """One row: ours and another's samples, and what their ratio must be.

    Attributes:
        what: was measured.
        ours: its samples, in *unit*.
        other: those of what it is compared with.
        other_name: what that is.
        unit: of both.
        at_most: the ratio of the medians, ours to other's; None without.
        at_least: the same from below.
    """

    what: str
    ours: Sequence[float]
    other: Sequence[float]
    other_name: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return statistics.median(self.ours) / statistics.median(self.other)

    @property
    def target(self) -> str:
        """In words, and whether it is met."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}  {'met' if self.ratio <= self.at_most else 'MISSED'}"
        if self.at_least is not None:
            return f"≥ {self.at_least:g}  {'met' if self.ratio >= self.at_least else 'MISSED'}"
        return ""


def table(comparisons: Sequence[Comparison]) -> str:
    """All of them as text."""
    rows = [("measure", "ours", "other", "", "ratio", "target")]
    rows += [
        (
            each.what,
            f"{statistics.median(each.ours):,.4g} {each.unit}",
            f"{statistics.median(each.other):,.4g} {each.unit}",
            each.other_name,
            f"{each.ratio:.3g}",
            each.target,
        )
        for each in comparisons
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
