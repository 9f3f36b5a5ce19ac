"""I9: what a user sees and what is saved equals what stock JupyterLab would show and save."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Awaitable
from typing import Any

import pytest

from . import normalise
from .cases import CASES, Case
from .conftest import BOTH_STOCK, Systems
from .system import Shown

REFERENCE = "application/vnd.jupyter-crdt-outputs.ref.v1+json"

# What an output may still weigh in the document when its bulk has left it.
OUTPUT_MAX_CHARS = 6_000


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", CASES)
async def test_is_shown_and_saved_as_in_stock(name: str, systems: Systems) -> None:
    await assert_shown_as_in_stock(systems, name, systems.ours.show(CASES[name]))


async def assert_shown_as_in_stock(
    systems: Systems, name: str, in_ours: Awaitable[Shown], *, is_another_page: bool = False
) -> None:
    """What is saved, what each browser shows and what its console says; and that the bulk has left the document."""
    try:
        stock, ours = await both(systems.stock_shows(name), in_ours)
        assert_equal_systems(systems, CASES[name], stock, ours, is_another_page=is_another_page)
    except BaseException:
        systems.forget(name)  # who tries again asks both again
        raise


def assert_equal_systems(systems: Systems, case: Case, stock: Shown, ours: Shown, *, is_another_page: bool) -> None:
    """The same, of what was shown."""
    stock_home, our_home = systems.stock.server.home, systems.ours.server.home
    if case.kinds_only:
        assert_equal(normalise.kinds(ours.saved["cells"]), normalise.kinds(stock.saved["cells"]), "kinds of outputs")
    else:
        assert_equal(normalise.saved(ours.saved, our_home), normalise.saved(stock.saved, stock_home), "saved file")
        for our_view, stock_view in zip(ours.views, stock.views, strict=True) if not case.stock_view_is_wrong else ():
            our_normal = normalise.view(our_view, our_home, is_of_another_page=is_another_page)
            assert_equal(our_normal, normalise.view(stock_view, stock_home, is_of_another_page=is_another_page), "view")
    assert normalise.errors(ours.errors, our_home) <= normalise.errors(stock.errors, stock_home)
    if not BOTH_STOCK:
        assert_bulk_left_the_document(case, stock, ours)


def assert_equal(ours: object, stock: object, what: str) -> None:
    """Fail with the lines that differ, shortened: outputs are large."""
    if ours != stock:
        before, after = (json.dumps(value, indent=1, sort_keys=True).splitlines() for value in (stock, ours))
        lines = [line[:200] for line in difflib.unified_diff(before, after, "stock", "ours", n=2, lineterm="")]
        pytest.fail(f"the {what} differs\n" + "\n".join(lines[:80]), pytrace=False)


async def both(in_stock: Awaitable[Shown], in_ours: Awaitable[Shown]) -> tuple[Shown, Shown]:
    """Show a case in both systems at once. When one fails, the other is still waited for: it holds its pages."""
    shown = await asyncio.gather(in_stock, in_ours, return_exceptions=True)
    for name, outcome in zip(("stock", "ours"), shown, strict=True):
        if isinstance(outcome, BaseException):
            outcome.add_note(f"in {name}")
            raise outcome
    stock, ours = shown
    assert isinstance(stock, Shown)
    assert isinstance(ours, Shown)
    return stock, ours


def assert_bulk_left_the_document(case: Case, stock: Shown, ours: Shown) -> None:
    """The comparison alone would also pass if the extension did nothing."""
    assert not references(stock.saved)
    assert not references(ours.saved)
    assert bool(references(ours.document)) is case.bulk
    assert max(output_chars(ours.document), default=0) <= OUTPUT_MAX_CHARS


def references(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The references in the outputs of a notebook."""
    return [
        output["data"][REFERENCE]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if REFERENCE in output.get("data", {})
    ]


def output_chars(notebook: dict[str, Any]) -> list[int]:
    """The length of each output of a notebook as JSON."""
    return [len(json.dumps(output)) for cell in notebook["cells"] for output in cell.get("outputs", ())]
