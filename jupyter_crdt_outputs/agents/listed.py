"""What the tools that list answer with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ListedNotebook:
    """A notebook.

    Attributes:
        path: what tools call it by.
        modified: when it was last saved.
        kernel: name of the kernel that it has; None when it has none.
        state: of that kernel.
    """

    path: str
    modified: str
    kernel: str | None = None
    state: str | None = None


@dataclass
class ListedNotebooks:
    """Notebooks.

    Attributes:
        notebooks: in the order of their paths, those that are less deep first.
        is_complete: False when there are more.
    """

    notebooks: list[ListedNotebook]
    is_complete: bool


@dataclass
class ListedExecution:
    """An execution of a cell.

    Attributes:
        execution: its id.
        notebook: its path.
        cell: id of the cell.
        status: queued, running, waiting-for-input, ok, error, aborted, cancelled, timeout or interrupted.
        error: name of the error that ended it.
        user: who asked for it, as the server knows them.
        claimed_name: what they say that they are called, where the server knows no name of theirs; not proven.
        queued_at: when.
        started_at: when the kernel took it up.
        ended_at: when it ended.
    """

    execution: str
    notebook: str
    cell: str
    status: str
    error: str | None
    user: str
    claimed_name: str | None
    queued_at: str
    started_at: str | None
    ended_at: str | None


@dataclass
class ListedExecutions:
    """Executions.

    Attributes:
        executions: newest first.
    """

    executions: list[ListedExecution]


@dataclass
class StaleCell:
    """A cell whose outputs are not what its code would put out now.

    Attributes:
        cell: its id.
        stale: why: it was edited since it was run, or a cell that it depends on was (upstream).
        because: ids of these cells.
    """

    cell: str
    stale: str
    because: list[str]


@dataclass
class StaleCells:
    """Cells of a notebook.

    Attributes:
        cells: those that are stale, in order.
    """

    cells: list[StaleCell]
