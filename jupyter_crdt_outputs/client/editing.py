"""Cells of notebooks, in the document that everybody edits: read, inserted, changed, moved and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ..errors import InvalidRequest
from ..model.cell_edits import CellPlace, CellType, Edit, Insertion
from ..model.cells import CellSource, CellSources
from ..model.digest import Digest
from ..model.views import ViewRequest
from .asking import API
from .steps import Answer, Ask, Call


def cells(
    path: str, *, cell: str | None = None, index: int | None = None, start: int | None = None, stop: int | None = None
) -> Call[CellSources]:
    """Cells with their sources, named as for :func:`.viewing.view`, and as fresh. Raises NotFound, NotANotebook."""
    query = ViewRequest(cell, index, start, stop).to_query()
    query.pop("max_chars")
    return CellSources.parse((yield Ask(f"{API}/cells", params={"path": path, **query})).json())


def insert_cell(
    path: str,
    source: str = "",
    *,
    type: CellType = "code",
    tags: Sequence[str] = (),
    index: int | None = None,
    above: str | None = None,
    below: str | None = None,
) -> Call[CellSource]:
    """Insert a cell, and return it. Without *index*, *above* and *below* it is the last.

    Args:
        path: of the notebook.
        source: of the cell.
        type: of the cell.
        tags: of the cell.
        index: that it has afterwards.
        above: the id of the cell that is below it then.
        below: the id of the cell that is above it then.

    Raises:
        InvalidRequest: before anything is sent.
        NotFound, NotANotebook: the server's words.
        NotAllowed: you may not write this notebook.
    """
    request = Insertion(source, type, tuple(tags), _place(index, above, below)).to_json()
    Insertion.parse(request)
    return _cell((yield Ask(f"{API}/cells", "POST", {"path": path}, request)))


def edit_cell(
    path: str,
    cell: CellSource | str,
    *,
    source: str | None = None,
    type: CellType | None = None,
    tags: Sequence[str] | None = None,
    seen: Digest | str | None = None,
) -> Call[CellSource]:
    """Change a cell that is as you saw it, and return it. What others type into it meanwhile stays.

    Args:
        path: of the notebook.
        cell: as you saw it; or its id, with *seen*.
        source: the new one.
        type: the new one; a code cell of another type has no outputs any more.
        tags: all that it is to have.
        seen: digest of the source that you saw.

    Raises:
        InvalidRequest: before anything is sent.
        NotFound: there is no such cell.
        SourceChanged: it has another source; nothing was changed.
        CellProtected, NotNow: it is not to be edited, or it runs and is to get another type.
        NotAllowed: you may not write this notebook.
    """
    wanted = Edit(_seen(cell, seen), source, type, None if tags is None else tuple(tags)).to_json()
    Edit.parse(wanted)
    return _cell((yield Ask(_address(cell), "PATCH", {"path": path}, wanted)))


def delete_cell(path: str, cell: CellSource | str, *, seen: Digest | str | None = None) -> Call[None]:
    """Delete a cell that is as you saw it. Raises as :func:`edit_cell`, and NotNow when it runs."""
    yield Ask(_address(cell), "DELETE", {"path": path, "sha256": _seen(cell, seen).hex})


def move_cell(
    path: str,
    cell: CellSource | str,
    *,
    index: int | None = None,
    above: str | None = None,
    below: str | None = None,
) -> Call[CellSource]:
    """Move a cell, and return it; the places are those of :func:`insert_cell`. Raises NotFound, NotAllowed."""
    place = _place(index, above, below).to_json()
    return _cell((yield Ask(f"{_address(cell)}/move", "POST", {"path": path}, place)))


def _place(index: int | None, above: str | None, below: str | None) -> CellPlace:
    return CellPlace.of({"index": index, "above": above, "below": below})


def _seen(cell: CellSource | str, seen: Digest | str | None) -> Digest:
    if seen is None and isinstance(cell, CellSource):
        seen = cell.sha256
    if seen is None:
        raise InvalidRequest("give the cell as you saw it, or the digest of its source")
    return seen if isinstance(seen, Digest) else Digest.parse(seen)


def _address(cell: CellSource | str) -> str:
    return f"{API}/cells/{quote(cell if isinstance(cell, str) else cell.id, safe='')}"


def _cell(answer: Answer) -> CellSource:
    return CellSource.parse(answer.json().get("cell"))
