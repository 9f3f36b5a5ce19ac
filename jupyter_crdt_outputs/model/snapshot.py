"""A cell as it was at one moment, with what was found out about it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T")


class CellSnapshot(dict[str, Any]):
    """A cell that nobody changes any more, so that what was once found out about it stays true.

    Whoever wants to change it copies it: ``{**cell}`` and ``copy.deepcopy`` give plain dictionaries.

    Attributes:
        found_out: by what was asked; see :func:`found_out`.
    """

    __slots__ = ("found_out",)

    def __init__(self, cell: Mapping[str, Any]) -> None:
        super().__init__(cell)
        self.found_out: dict[Hashable, Any] = {}

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A copy knows nothing: it may be changed."""
        return dict, (), None, None, iter(self.items())


def found_out(cell: Any, question: Hashable, answer: Callable[[Any], T]) -> T:
    """What *answer* says of a cell; asked only once of a snapshot.

    Args:
        cell: of any kind.
        question: names what is asked.
        answer: a function of the cell alone.
    """
    if not isinstance(cell, CellSnapshot):
        return answer(cell)
    if question not in cell.found_out:
        cell.found_out[question] = answer(cell)
    return cast("T", cell.found_out[question])
