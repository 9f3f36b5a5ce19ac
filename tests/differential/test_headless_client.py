"""The headless client saves what a browser saves, so that tests and benchmarks may stand on it."""

from __future__ import annotations

import json
import os
import uuid

import nbformat
import pytest

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from . import normalise
from .cases import CASES, Case
from .cases.widgets import WIDGETS
from .conftest import Systems
from .steps import RunAll
from .system import notebook

# The client has no widgets, and only what a browser does of itself is asked of it.
PLAIN = {
    name: case
    for name, case in CASES.items()
    if case.steps == (RunAll(),) and name not in WIDGETS and not case.kinds_only and not case.second_browser
}
SHORT = ("several lines", "stdout and stderr in turn", "updates again and again", "a large error", "help in the pager")


@pytest.mark.long
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", PLAIN if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else SHORT)
async def test_saves_what_a_browser_saves_in_both_systems(name: str, systems: Systems) -> None:
    case = PLAIN[name]
    browser = normalise.saved((await systems.stock.show(case)).saved, systems.stock.server.home)
    assert await _headless(systems.stock.server, case, announce=False) == browser
    assert await _headless(systems.ours.server, case, announce=True) == browser


async def _headless(server: LabServer, case: Case, *, announce: bool) -> dict[str, object]:
    path = f"headless-{uuid.uuid4()}.ipynb"
    file = server.root_dir / path
    file.write_text(json.dumps(notebook(case)))
    async with LabClient.open(server, path, announce=announce) as tab:
        await tab.run_all()
        await tab.settle()
        await tab.save()
        await tab.shut_down_kernel()
    saved = json.loads(json.dumps(nbformat.read(file, as_version=nbformat.NO_CONVERT)))
    return normalise.saved(saved, server.home)
