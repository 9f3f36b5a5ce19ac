"""What a piece of work is, and what is asked of its numbers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from .system import System

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        measure: the key in the numbers of the work, and its name in the table.
        unit: of the numbers: ``B``, ``ms``, ``s`` or nothing for a count.
        at_most: what ours may be, in *unit*.
        at_most_ratio: what ours may be of stock's.
        at_most_of: what ours may be of another measure of ours: its name and the factor.
        worst: report the worst of all rounds instead of the median.
    """

    measure: str
    unit: str
    at_most: float | None = None
    at_most_ratio: float | None = None
    at_most_of: tuple[str, float] | None = None
    worst: bool = False


STALL = Row("worst event-loop stall", "ms", at_most=50, worst=True)


@dataclass(frozen=True)
class Work:
    """Something that both systems do, once a round.

    Attributes:
        run: does it in one system and returns the numbers.
        fresh_server: each round needs a server that has done nothing yet.
    """

    name: str
    run: Callable[[System, int], Awaitable[Numbers]]
    rows: Sequence[Row]
    fresh_server: bool = False
