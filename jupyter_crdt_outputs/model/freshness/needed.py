"""What else has to run for some cells to run as they would from the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from .cells import CellRuns, NamesOf, Notebook
from .origins import Origins


def needs_of(cells: Sequence[CellRuns], names: NamesOf, process: str | None) -> dict[str, tuple[str, ...]]:
    """By cell, in order, those that it reads from and that a kernel has not run: they are to run before it.

    Args:
        cells: in the order of the notebook.
        names: as for :func:`.assess`.
        process: the kernel as it lives now; None when there is none.
    """
    notebook = Notebook(cells, names)
    missing = {index for index, cell in enumerate(notebook.cells) if cell.run is None or cell.run.process != process}
    return {
        cell.id: tuple(notebook.cells[each].id for each in sorted(sources & missing))
        for cell, sources in zip(notebook.cells, _read_from(notebook), strict=True)
    }


def with_needed(chosen: Set[str], needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Cells that are to run, with those that they need, directly or by way of others; in order.

    Args:
        chosen: their ids.
        needs: of all cells, as :func:`needs_of` tells them.
    """
    found, wanted = set(chosen), list(chosen)
    while wanted:
        new = set(needs[wanted.pop()]) - found
        found |= new
        wanted += new
    return [cell for cell in needs if cell in found]


def _read_from(notebook: Notebook) -> list[set[int]]:
    """Of each cell, those above that it may have read from."""
    origins, found = Origins(), list[set[int]]()
    for index, cell in enumerate(notebook.cells):
        if cell.run is None:
            found.append(origins.cells_for(cell, set()))
            continue
        read, changed = origins.used(cell)
        found.append(origins.cells_for(cell, read))
        origins.passed(index, cell, changed, is_stale=False)
    return found
