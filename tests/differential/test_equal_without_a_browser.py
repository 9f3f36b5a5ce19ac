"""What runs without a browser is shown and saved as what a browser runs in stock JupyterLab: the same notebooks."""

from __future__ import annotations

import os

import pytest

from .cases import CASES
from .conftest import Systems
from .steps import RunAll, RunCell
from .test_equal_to_stock import assert_shown_as_in_stock
from .ways import WAYS, OverHttp

RUN = [name for name, case in CASES.items() if any(isinstance(step, RunAll | RunCell) for step in case.steps)]
SHORT = {"over HTTP": ["an input between prints"], "from a terminal": ["many large displays"]}
CHOSEN = dict.fromkeys(WAYS, RUN) if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else SHORT


@pytest.mark.long
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(("way", "name"), [(way, name) for way, names in CHOSEN.items() for name in names])
async def test_is_shown_and_saved_as_a_browsers_runs_in_stock(way: str, name: str, systems: Systems) -> None:
    """Over HTTP while a browser watches; from a terminal with nobody there, who opens the notebook when it is over."""
    kind = WAYS[way]
    shown = systems.ours.show(CASES[name], kind, watched=kind is OverHttp)
    await assert_shown_as_in_stock(systems, name, shown, is_another_page=kind is not OverHttp)
