"""Which executions of a kernel may still change a cell, and which requests were ours."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from .execution import Execution

_REMEMBERED_CELLS = 5_000
_REMEMBERED_REQUESTS = 10_000


class Executions:
    """Executions by request, by cell and by what they display; bounded, however long the kernel lives.

    An execution counts until its cell is executed anew: threads print, and displays are updated, long after idle.
    """

    def __init__(self) -> None:
        self._running: dict[str, Execution] = {}
        self._ended: OrderedDict[str, Execution] = OrderedDict()
        self._of_cell: dict[tuple[str, str], Execution] = {}
        self._showing: dict[str, dict[Execution, None]] = {}
        self._former: OrderedDict[str, None] = OrderedDict()

    def add(self, execution: Execution) -> Execution | None:
        """Begin to follow an execution; returns the one of the same cell that it replaces, if there is one."""
        older = self.of_cell(execution)
        self._of_cell[_cell(execution)] = execution
        self._running[execution.msg_id] = execution
        if older is not None and older.msg_id in self._ended:
            self._forget(older)
        return older

    def of_cell(self, execution: Execution) -> Execution | None:
        """The execution that has the cell of this one: itself, or one that has replaced it."""
        return self._of_cell.get(_cell(execution))

    def get(self, request_id: str) -> Execution | None:
        """The execution of this request, running or not."""
        return self._running.get(request_id) or self._ended.get(request_id)

    def owns(self, request_id: str) -> bool:
        """Whether this request's outputs are ours to write, or were, before its cell was executed anew."""
        return request_id in self._running or request_id in self._ended or request_id in self._former

    @property
    def running(self) -> list[Execution]:
        """Executions that the kernel has not finished, oldest first."""
        return list(self._running.values())

    @property
    def any_running(self) -> bool:
        """Whether there is any such execution."""
        return bool(self._running)

    def is_running(self, execution: Execution) -> bool:
        """Whether the kernel has not finished this execution."""
        return self._running.get(execution.msg_id) is execution

    @property
    def ended(self) -> list[Execution]:
        """Finished executions whose cells were not executed anew."""
        return list(self._ended.values())

    def end(self, execution: Execution) -> None:
        """The kernel has finished it."""
        if self._running.pop(execution.msg_id, None) is None:
            return
        self._ended[execution.msg_id] = execution
        if execution.cell.is_detached:
            self._forget(execution)
        while len(self._ended) > _REMEMBERED_CELLS:
            self._forget(next(iter(self._ended.values())))

    def show(self, display_id: str, execution: Execution) -> None:
        """The execution's cell shows a display of this id."""
        self._showing.setdefault(display_id, {})[execution] = None
        execution.display_ids.add(display_id)

    def showing(self, display_id: str | None) -> Iterable[Execution]:
        """Executions whose cells show a display of this id."""
        return tuple(self._showing.get(display_id, ())) if display_id is not None else ()

    @property
    def shows_any(self) -> bool:
        """Whether an update could change anything."""
        return bool(self._showing)

    def forget_displays(self) -> None:
        """Another kernel process has taken over, whose display ids mean other displays."""
        for executions in self._showing.values():
            for execution in executions:
                execution.display_ids.clear()
        self._showing.clear()

    def _forget(self, execution: Execution) -> None:
        """Keep nothing of it but its name: late outputs must reach neither the cell nor a browser."""
        self._ended.pop(execution.msg_id, None)
        if self.of_cell(execution) is execution:
            del self._of_cell[_cell(execution)]
        for display_id in execution.display_ids:
            executions = self._showing.get(display_id, {})
            executions.pop(execution, None)
            if not executions:
                self._showing.pop(display_id, None)
        self._former[execution.msg_id] = None
        while len(self._former) > _REMEMBERED_REQUESTS:
            self._former.popitem(last=False)


def _cell(execution: Execution) -> tuple[str, str]:
    return execution.cell.room_id, execution.cell.cell_id
