"""Running cells, and what becomes of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from ..model.execution_state import Execution
from ..model.executions import OnTimeout, RunRequest, Selector, Status
from .asking import API, WAIT_S, Which, address_of, patiently
from .steps import Ask, Call

Cells: TypeAlias = 'Literal["all", "stale"] | Selector | Sequence[Selector]'


def start(
    path: str,
    cells: Cells = "all",
    *,
    kernel: str | None = None,
    restart: bool = False,
    stop_on_error: bool = True,
    allow_stdin: bool = True,
    timeout_s: float | None = None,
    on_timeout: OnTimeout = "interrupt",
    record_timing: bool | None = None,
    parent: str | None = None,
    append: tuple[Selector, str] | None = None,
    env: Mapping[str, str] | None = None,
    claimed_name: str | None = None,
) -> Call[list[Execution]]:
    """Queue cells of a notebook, all of them or none; returns their executions in order, and does not wait.

    Args:
        path: of the notebook, below the server's root.
        cells: ``"all"``, ``"stale"``, or which; with the digest of its source, a cell only runs if it is as you saw it.
        kernel: the kernelspec to start when the notebook has no kernel; None for the notebook's own.
        restart: whether to restart the kernel first.
        stop_on_error: whether the rest is dropped after an error.
        allow_stdin: whether cells may ask for input.
        timeout_s: how long a cell may run, in seconds.
        on_timeout: what is done then.
        record_timing: whether to write times into the metadata of cells; None for what the notebook says.
        parent: the execution that made this one necessary.
        append: cells, and code that is run after theirs and is in no document.
        env: variables for the environment of the kernel that this starts.
        claimed_name: what you are called, which is told where the server knows no name of yours.

    Raises:
        InvalidRequest: before anything is sent.
        NotFound, NotANotebook, SourceChanged, QueueFull, KernelUnavailable, NotNow: the server's words.
        NotAllowed: you may not run cells.
        ServerAway: no server answers.
    """
    selectors = cells if isinstance(cells, Sequence) and not isinstance(cells, str) else [cells]
    request = RunRequest.parse(
        {
            "path": path,
            "cells": [each.to_json() if isinstance(each, Selector) else each for each in selectors],
            "kernel": kernel,
            "restart": restart,
            "stop_on_error": stop_on_error,
            "allow_stdin": allow_stdin,
            "timeout_s": timeout_s,
            "on_timeout": on_timeout,
            "record_timing": record_timing,
            "parent": parent,
            "append": None if append is None else {"to": append[0].to_json(), "code": append[1]},
            "env": dict(env or {}),
            "claimed_name": claimed_name,
        }
    )
    answer = yield Ask(f"{API}/executions", "POST", body=_without_defaults(request), wait_s=WAIT_S * 6)
    return [Execution.parse(each) for each in answer.json()["executions"]]


def executions(
    *,
    path: str | None = None,
    cell: str | None = None,
    run: str | None = None,
    kernel: str | None = None,
    status: Status | None = None,
    unfinished: bool = False,
    before: str | None = None,
    limit: int = 100,
) -> Call[list[Execution]]:
    """Executions, newest first, those of former times included.

    Args:
        path: of a notebook.
        cell: the id of one.
        run: the id that the executions of one request share.
        kernel: the id of one.
        status: as they stand.
        unfinished: whether only those that go on.
        before: only those that are older than the execution of this id.
        limit: how many at most, up to 1,000.
    """
    given = {"path": path, "cell": cell, "run": run, "kernel": kernel, "status": status, "before": before}
    params = {name: value for name, value in given.items() if value is not None}
    params |= {"unfinished": "1"} if unfinished else {}
    answer = yield Ask(f"{API}/executions", params={**params, "limit": limit})
    return [Execution.parse(each) for each in answer.json()["executions"]]


def execution(which: Which, *, wait_s: float = 0.0) -> Call[Execution]:
    """One execution as it stands; with *wait_s* (up to 60), once it has ended or asks for input. Raises NotFound."""
    answer = yield Ask(address_of(which), params={"wait_s": wait_s} if wait_s else {}, wait_s=wait_s)
    return Execution.parse(answer.json())


def wait(which: Which | Iterable[Which]) -> Call[list[Execution]]:
    """Wait until executions have ended, or one asks for input; returns how all of them stand."""
    wanted = [which] if isinstance(which, str | Execution) else list(which)
    found = []
    is_asked = False
    for each in wanted:
        state = yield from execution(each)
        while not (state.record.is_finished or is_asked):
            state = yield from patiently(execution, each, wait_s=WAIT_S)
            is_asked = state.prompt is not None
        found.append(state)
    return found


def interrupt(which: Which) -> Call[None]:
    """Interrupt the kernel while it runs this. Raises :class:`NotNow` when it does not."""
    yield Ask(f"{address_of(which)}/interrupt", "POST")


def answer(which: Which, value: str) -> Call[None]:
    """Answer what an execution asks for. Raises :class:`NotNow` when it asks for nothing, or somebody was quicker."""
    yield Ask(f"{address_of(which)}/input", "POST", body={"value": value})


def cancel(which: Which) -> Call[None]:
    """Do not run this any more; if it runs, its kernel is interrupted. Raises :class:`NotNow` for a browser's."""
    yield Ask(address_of(which), "DELETE")


def cancel_all(*, path: str | None = None, run: str | None = None, kernel: str | None = None) -> Call[list[Execution]]:
    """Cancel what goes on: of a notebook, of one request, of a kernel, or everything. Returns what was cancelled."""
    given = {"path": path, "run": run, "kernel": kernel}
    answer = yield Ask(f"{API}/executions", "DELETE", {name: value for name, value in given.items() if value})
    return [Execution.parse(each) for each in answer.json()["executions"]]


def _without_defaults(request: RunRequest) -> dict[str, Any]:
    """Servers of earlier versions know fewer fields, and refuse those that they do not know."""
    usual = RunRequest(None, None, ()).to_json()
    return {name: value for name, value in request.to_json().items() if usual.get(name) != value}
