"""What of a notebook is to be shown."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...errors import InvalidRequest
from ..plain_text import LEAST_CHARACTERS

DEFAULT_CHARACTERS = 4000
MOST_CHARACTERS = 1 << 17


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What of a notebook is asked for; everything, when no cells are named.

    Attributes:
        cell: id of one cell; or else
        index: of one cell among all, from the end when negative; or else
        start: of a range of cells, as of a slice in Python.
        stop: of that range.
        max_chars: of the text of each output.
        sources: whether to give the cells' sources, too.
    """

    cell: str | None = None
    index: int | None = None
    start: int | None = None
    stop: int | None = None
    max_chars: int = DEFAULT_CHARACTERS
    sources: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidRequest for what contradicts itself."""
        named = [self.cell is not None, self.index is not None, self.start is not None or self.stop is not None]
        if sum(named) > 1:
            raise InvalidRequest("give one of: cell (an id), index, or a range by start and stop")
        if not LEAST_CHARACTERS <= self.max_chars <= MOST_CHARACTERS:
            raise InvalidRequest(f"max_chars is a number from {LEAST_CHARACTERS} to {MOST_CHARACTERS}")

    def to_query(self) -> dict[str, str]:
        """As parameters of the request."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        texts = {name: str(value) for name, value in given.items() if value is not None and name != "sources"}
        return texts | ({"sources": "1"} if self.sources else {})
