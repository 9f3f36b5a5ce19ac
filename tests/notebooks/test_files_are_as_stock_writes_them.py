"""Every notebook through a real server, beside a stock server that does the same: the files must be the same."""

from __future__ import annotations

import asyncio
import json
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from ..differential.normalise import as_numbers
from .collection import chosen
from .round_trip import CLOSING_S, RoundTrip, round_trips

CONFIG = {
    "YDocExtension": {
        "document_cleanup_delay": CLOSING_S,
        # A notebook that stock cannot open leaves the database of the others locked for seconds.
        "ystore_class": "jupyter_server_ydoc.stores.TempFileYStore",
    }
}
_DRAWN_ID = re.compile(rb'"id": "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"|"id": "[0-9a-f]{8}"')


# Stock dies of a number of more than 64 bits.
FILES = {file.name: file for file in chosen() if "64 bits" not in file.name}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[RoundTrip, RoundTrip]]:
    """What stock and what we made of each."""
    with ThreadPoolExecutor(2) as threads:
        stock, ours = threads.map(
            lambda with_us: _through_a_server(tmp_path_factory.mktemp("server"), with_us), (False, True)
        )
    return {name: (stock[name], ours[name]) for name in FILES}


def _through_a_server(home: Path, with_us: bool) -> dict[str, RoundTrip]:
    extensions = Path(__file__).parents[1] / "kernel" / "extensions"
    server = LabServer(home, with_us=with_us, config=CONFIG, extensions=["open_rooms"], python_path=[extensions])
    with server:
        return asyncio.run(round_trips(server, FILES.values(), "notebooks"))


@pytest.mark.parametrize("name", FILES)
def test_a_notebook_is_saved_as_stock_saves_it(made: dict[str, tuple[RoundTrip, RoundTrip]], name: str) -> None:
    given, (stock, ours) = FILES[name].data, made[name]
    assert ours.problem == stock.problem
    for by_stock, by_us in ((stock.edited, ours.edited), (stock.back, ours.back)):
        if has_equal_numbers(by_stock, by_us):
            assert without_drawn_ids(by_us) == without_drawn_ids(by_stock)
        if by_stock == given:
            assert by_us == given
        assert is_valid(by_us) == is_valid(by_stock)
        assert is_valid(by_us) or not is_valid(given)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith(("output: ", "everything, as stock"))])
def test_what_is_saved_is_what_was_opened_where_stock_changes_numbers_too(
    made: dict[str, tuple[RoundTrip, RoundTrip]], name: str
) -> None:
    assert exact_outputs(made[name][1].back) == exact_outputs(FILES[name].data)


def has_equal_numbers(by_stock: bytes, by_us: bytes) -> bool:
    """Whether stock wrote the same numbers. It passes those in JSON outputs through floats, and we do not."""
    try:
        left, right = json.loads(by_stock), json.loads(by_us)
    except (ValueError, RecursionError):
        return True
    if json.dumps(left) == json.dumps(right):
        return True
    assert without_drawn_ids(_dumped(as_numbers(left))) == without_drawn_ids(_dumped(as_numbers(right)))
    return False


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def without_drawn_ids(data: bytes) -> bytes:
    """Cells without an id get one by lot, on both servers."""
    return _DRAWN_ID.sub(b'"id": "?"', data)


def is_valid(data: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            nbformat.validate(nbformat.reads(data.decode(), nbformat.NO_CONVERT))
        except Exception:  # whatever it stumbles on
            return False
    return True


def exact_outputs(data: bytes) -> str:
    notebook = nbformat.reads(data.decode(), nbformat.NO_CONVERT)
    return json.dumps([cell.get("outputs") for cell in notebook.cells], sort_keys=True)
