"""What else has to run for some cells to run as they would from the top."""

from __future__ import annotations

from collections.abc import Sequence, Set

from .cells import CellRuns, NamesOf, Notebook
from .origins import Origins


def with_needed(cells: Sequence[CellRuns], names: NamesOf, chosen: Set[str], process: str | None) -> list[str]:
    """Cells that are to run, with those that they read from and that a kernel has not run; in their order.

    Args:
        cells: in the order of the notebook.
        names: as for :func:`.assess`.
        chosen: ids of those that are to run.
        process: the kernel as it lives now; None when there is none.
    """
    notebook = Notebook(cells, names)
    read_from = _read_from(notebook)
    needed = {index for index, cell in enumerate(notebook.cells) if cell.id in chosen}
    wanted = list(needed)
    while wanted:
        for index in read_from[wanted.pop()] - needed:
            run = notebook.cells[index].run
            if run is None or run.process != process:
                needed.add(index)
                wanted.append(index)
    return [notebook.cells[index].id for index in sorted(needed)]


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
