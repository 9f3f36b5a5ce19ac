"""Which executions are followed, and for how long."""

from __future__ import annotations

from typing import Any, cast

from jupyter_crdt_outputs.document.recorded_cell import RecordedCell
from jupyter_crdt_outputs.kernel import executions as module
from jupyter_crdt_outputs.kernel.execution import Execution
from jupyter_crdt_outputs.kernel.executions import Executions


def execution(request_id: str, cell_id: str = "cell", client: str = "client") -> Execution:
    nothing = cast(Any, None)
    cell = RecordedCell(nothing, "room", cell_id)
    return Execution(request_id, client, cell, nothing, lambda: None, nothing)


def replaced(executions: Executions, older: Execution, newer: Execution) -> None:
    older.cell.detach()
    assert executions.add(newer) is older


def test_an_execution_counts_until_its_cell_runs_again() -> None:
    executions, first, second = Executions(), execution("1"), execution("2")
    assert executions.add(first) is None
    executions.end(first)
    assert executions.get("1") is first
    assert not executions.any_running
    replaced(executions, first, second)
    assert executions.get("1") is None
    assert executions.owns("1")
    assert executions.running == [second]


def test_one_that_is_replaced_while_it_runs_is_followed_to_its_end_and_no_further() -> None:
    executions, first, second = Executions(), execution("1"), execution("2")
    executions.add(first)
    replaced(executions, first, second)
    assert executions.running == [first, second]
    executions.end(first)
    assert executions.get("1") is None
    assert executions.owns("1")
    assert executions.get("2") is second


def test_to_end_twice_is_to_end_once() -> None:
    executions, only = Executions(), execution("1")
    executions.add(only)
    executions.end(only)
    executions.end(only)
    assert executions.ended == [only]


def test_a_display_is_shown_by_every_cell_that_showed_it_until_that_runs_again() -> None:
    executions, first, second = Executions(), execution("1", "a"), execution("2", "b")
    for each in (first, second):
        executions.add(each)
        executions.show("d", each)
        executions.end(each)
    assert list(executions.showing("d")) == [first, second]
    replaced(executions, first, execution("3", "a"))
    assert list(executions.showing("d")) == [second]
    executions.forget_displays()
    assert not executions.shows_any


def test_nothing_is_shown_under_no_id() -> None:
    assert list(Executions().showing(None)) == []


def test_what_is_remembered_is_bounded_but_never_loses_one_that_runs(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "_REMEMBERED_CELLS", 3)
    monkeypatch.setattr(module, "_REMEMBERED_REQUESTS", 5)
    executions = Executions()
    running = [execution(f"running {index}", f"running {index}") for index in range(20)]
    for each in running:
        executions.add(each)
    for index in range(20):
        done = execution(f"{index}", f"cell {index}")
        executions.add(done)
        executions.show(f"display {index}", done)
        executions.end(done)
    assert executions.running == running
    assert [each.msg_id for each in executions.ended] == ["17", "18", "19"]
    assert [index for index in range(20) if executions.owns(f"{index}")] == list(range(12, 20))
    assert [index for index in range(20) if executions.showing(f"display {index}")] == [17, 18, 19]
