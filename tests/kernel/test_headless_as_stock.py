"""What is run over HTTP is saved as what a browser runs in stock JupyterLab: the same notebooks, both ways."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import uuid
from typing import Any

import nbformat
import pytest
from nbformat.reader import NotJSONError

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

pytest.importorskip("playwright.async_api", reason="the cases come with it")

from ..differential import kernel_side, normalise
from ..differential.cases import CASES, Case
from ..differential.steps import AwaitText, Rest, RunAll, RunCell, Settle, Type
from ..differential.system import notebook
from ..differential.test_equal_to_stock import assert_equal
from .runs import Runs, Told

_STEPS = (AwaitText, Rest, RunAll, RunCell, Settle, Type)


def is_compared(case: Case) -> bool:
    """Whether a client that answers at once can stand for the browser: what is to be read first needs a real one."""
    answers_what_it_read = any(isinstance(step, AwaitText) for step in case.steps) and any(
        isinstance(step, Type) for step in case.steps
    )
    steps_are_known = all(isinstance(step, _STEPS) for step in case.steps)
    return steps_are_known and not (answers_what_it_read or case.kinds_only or case.second_browser)


COMPARED = {name: case for name, case in CASES.items() if is_compared(case)}
SHORT = ("updates again and again", "an error stops what follows", "two inputs", "a replaced input")


@pytest.mark.parametrize("name", COMPARED if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else SHORT)
async def test_saves_what_a_browser_saves_in_stock(name: str, server: LabServer, stock: LabServer) -> None:
    case = COMPARED[name]
    theirs, ours = await asyncio.gather(in_browser(stock, case), over_http(server, case))
    assert_equal(ours, theirs, "saved file")


async def in_browser(server: LabServer, case: Case) -> dict[str, Any]:
    """The saved notebook of a tab that does the case's steps."""
    path = begun(server, case)
    answers = iter([step.text for step in case.steps if isinstance(step, Type)])
    async with LabClient.open(server, path, announce=False) as tab:
        tab.answer = lambda _prompt: next(answers)
        running: list[asyncio.Task[Any]] = []
        for step in case.steps:
            if isinstance(step, RunAll):
                running.append(asyncio.create_task(tab.run_all()))
            elif isinstance(step, RunCell):
                running.append(asyncio.create_task(tab.run_cells([tab.cell_ids()[step.cell]])))
            elif isinstance(step, Settle):
                await asyncio.gather(*running)
            await asyncio.sleep(0)
        await asyncio.gather(*running, return_exceptions=True)
        await tab.settle(quiet_s=1.0)
        await tab.save()
        await tab.shut_down_kernel()
    return saved(server, path)


async def over_http(server: LabServer, case: Case) -> dict[str, Any]:
    """The saved notebook of one that nobody has open, after requests that do the same."""
    runs = Runs(server, begun(server, case))
    running: list[list[Told]] = []
    for step in case.steps:
        if isinstance(step, RunAll):
            running.append(await runs.run(wait_s=0))
        elif isinstance(step, RunCell):
            running.append(await runs.run({"index": step.cell}, wait_s=0))
        elif isinstance(step, Settle):
            await ended(runs, running)
        elif isinstance(step, AwaitText):
            await is_saved(runs, step.text)
        elif isinstance(step, Type):
            asking = await until_asked(runs, running)
            await runs.ask(f"/{asking['id']}/input", "POST", {"value": step.text})
    await ended(runs, running)
    async with LabClient.open(server, runs.path, announce=False) as tab:  # which tells when nothing comes any more
        await tab.settle(quiet_s=1.0)
        await tab.save()
    await runs.shut_down()
    return saved(server, runs.path)


async def ended(runs: Runs, running: list[list[Told]]) -> None:
    for told in running:
        for each in told:
            assert (await runs.get(each))["ended_at"] is not None


async def is_saved(runs: Runs, text: str) -> None:
    """Wait for what comes after the end of its cell. A tab would ask the kernel things, and get it itself."""
    with contextlib.suppress(TimeoutError, NotJSONError):
        async with asyncio.timeout(20):
            while json.dumps(text)[1:-1] not in json.dumps([cell["outputs"] for cell in runs.cells()]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def until_asked(runs: Runs, running: list[list[Told]]) -> Told:
    async with asyncio.timeout(60):
        while True:
            for each in running[-1]:
                told = await runs.get(each, wait_s=0)
                if told["input"] is not None:
                    return told
            await asyncio.sleep(0.02)


def begun(server: LabServer, case: Case) -> str:
    path = f"{uuid.uuid4().hex[:8]}.ipynb"
    shutil.copy(str(kernel_side.__file__), server.root_dir / "kernel_side.py")
    (server.root_dir / path).write_text(json.dumps(notebook(case)))
    return path


def saved(server: LabServer, path: str) -> dict[str, Any]:
    read = nbformat.read(server.root_dir / path, as_version=nbformat.NO_CONVERT)
    return normalise.saved(json.loads(json.dumps(read)), server.home)
