"""Which cells of a notebook are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...document.rooms import Room
from ...errors import InvalidRequest, NotFound, SourceChanged
from ...model.digest import Digest
from ...model.executions import Appendix, Selector, source_digest
from ..records import Ledger


@dataclass(frozen=True, slots=True)
class Stale:
    """The cells that were found to be stale.

    Attributes:
        ledger: the executions of this server.
        file_id: of the notebook.
        cells: their ids, in order.
        asked: an id that is lower than that of any execution that was asked for since.
    """

    ledger: Ledger
    file_id: str
    cells: Sequence[str]
    asked: str = ""

    def left(self) -> list[str]:
        """Those that nobody has had run since: of two pages that ask for them, one only runs them."""
        if not self.cells:
            return []
        since = {
            live.record.cell
            for live in self.ledger.recent
            if live.record.id > self.asked and live.record.file_id == self.file_id
        }
        return [cell for cell in self.cells if cell not in since]


def select(room: Room, selectors: Sequence[Selector], stale: Sequence[str] = ()) -> dict[str, Digest | None]:
    """The ids of the code cells that are to run, in order, each with the digest that its source must have, if any.

    Args:
        room: the notebook.
        selectors: which cells.
        stale: the ids of those that are stale, in order.

    Raises:
        NotFound: no such cell, or no cell with such a tag.
        InvalidRequest: a cell that was meant by itself holds no code.
        SourceChanged: one has another source than was expected; all such are named.
    """
    with room.doc.transaction():  # or each look at a cell would be one of its own
        return _select(room, selectors, stale)


def _select(room: Room, selectors: Sequence[Selector], stale: Sequence[str]) -> dict[str, Digest | None]:
    cells = list(room.cells)
    indices = {str(cell.get("id")): index for index, cell in enumerate(cells)}
    chosen: dict[str, Digest | None] = {}
    for selector in selectors:
        meant = _meant(cells, indices, selector, stale)
        for index in meant:
            cell_id = str(cells[index].get("id"))
            if room.find_cell(cell_id) is None:
                if selector.kind in ("id", "index"):
                    raise InvalidRequest(f"cell {cell_id} holds no code")
                continue
            chosen[cell_id] = selector.sha256 or chosen.get(cell_id)
    changed = [
        cell_id
        for cell_id, expected in chosen.items()
        if expected is not None and source_digest(str(cells[indices[cell_id]]["source"])) != expected
    ]
    if changed:
        raise SourceChanged(f"nothing was run: the source is another one now in {', '.join(changed)}")
    return chosen


def appendices(room: Room, chosen: Mapping[str, object], appendix: Appendix | None) -> dict[str, str]:
    """What is to be run after the sources of some of the chosen cells.

    Raises:
        NotFound: none of the chosen cells is meant.
    """
    if appendix is None:
        return {}
    found = {cell_id: appendix.code for cell_id in select(room, [appendix.to]) if cell_id in chosen}
    if not found:
        raise NotFound("none of the cells that are to run is one that code is to be appended to")
    return found


def _meant(cells: list[Any], indices: dict[str, int], selector: Selector, stale: Sequence[str]) -> Sequence[int]:
    if selector.kind == "all":
        return range(len(cells))
    if selector.kind == "stale":
        return [indices[each] for each in stale if each in indices]
    if selector.kind == "tag":
        found = [index for index, cell in enumerate(cells) if selector.value in _tags(cell)]
        if not found:
            raise NotFound(f"no cell has the tag {selector.value!r:.80}")
        return found
    if isinstance(selector.value, int):
        if not -len(cells) <= selector.value < len(cells):
            raise NotFound(f"there is no cell {selector.value}: the notebook has {len(cells)}")
        index = selector.value % len(cells)
    elif selector.value in indices:
        index = indices[selector.value]
    else:
        raise NotFound(f"there is no cell {selector.value!r:.80}")
    if selector.kind == "above":
        return range(index)
    return range(index, len(cells)) if selector.kind == "below" else [index]


def _tags(cell: Any) -> Sequence[str]:
    tags = cell["metadata"].get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) or hasattr(tags, "to_py") else []
