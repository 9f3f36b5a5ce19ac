"""What two runs of one notebook may differ in without the systems being different.

All of it, and nothing else, is taken out before saved files and views are compared:

- cell ids, which are numbered in order (a notebook of nbformat 4.4 has none; an inserted cell's is random);
- ``metadata.execution`` of a cell: times;
- ids that libraries draw at random (32 hexadecimal digits or a UUID, as widgets, vega and plotly use): numbered in the
  order of their first appearance, so that two equal ones stay equal;
- numbers inside of JSON outputs: stock passes them through a browser, where 5.0 is 5 and there are 53 bits; what this
  extension keeps is what the kernel sent;
- the picture that the renderer of a plotly or vega chart adds to the bundle, in every browser anew: nothing is written
  back into a document from an output that is stored;
- memory addresses, the process ids in the names of ipykernel's temporary files, and the server's own directory.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_RANDOM_ID = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{8,16}\b")
# Stock says so in some runs: a second browser, and the debugger when a kernel goes.
_STOCK_ERRORS = frozenset(
    {
        "Comm not found for comm id <id>",
        "Could not restore the debugger state: Canceled future for debug_request message before replies were done",
    }
)
_CHARTS = ("application/vnd.plotly.", "application/vnd.vega")
_TEMPORARY = re.compile(r"ipykernel_\d+")


def saved(notebook: dict[str, Any], home: Path) -> dict[str, Any]:
    """A saved notebook, made comparable."""
    normal = copy.deepcopy(notebook)
    for index, cell in enumerate(normal["cells"]):
        if "id" in cell:
            cell["id"] = f"cell {index}"
        cell["metadata"].pop("execution", None)
        for output in cell.get("outputs", ()):
            if any(kind.startswith(_CHARTS) for kind in output.get("data", ())):
                output["data"].pop("image/png", None)
    normal = _strings(normal, _Text(home))
    assert isinstance(normal, dict)
    return normal


def view(shown: dict[str, Any], home: Path, *, is_of_another_page: bool = False) -> dict[str, Any]:
    """What a browser shows, made comparable.

    Args:
        shown: as a page describes it.
        home: of the server.
        is_of_another_page: than the one that ran the cells: only that has links to files that the kernel alone sees.
    """
    normal = _strings(shown, _Text(home))
    assert isinstance(normal, dict)
    for output in (output for cell in normal["cells"] for output in cell["outputs"]) if is_of_another_page else ():
        output["links"] = [link for link in output["links"] if not link.startswith("/")]
    return normal


def errors(messages: list[str], home: Path) -> set[str]:
    """What the console reported, made comparable."""
    return {_RANDOM_ID.sub("<id>", message.replace(str(home), "<home>")) for message in messages} - _STOCK_ERRORS


def as_numbers(value: Any) -> Any:
    """JSON with its numbers as one type."""
    return _strings(value, str)


def kinds(cells: list[dict[str, Any]]) -> list[list[str]]:
    """Only what kinds of outputs there are in a saved notebook: for runs that say something else each time."""
    return [
        [
            output.get("name", "") or output["output_type"]
            for output in cell.get("outputs", ())
            if not _is_interrupt(output)
        ]
        for cell in cells
    ]


def _is_interrupt(output: dict[str, Any]) -> bool:
    # A kernel that is interrupted or ended says so in some runs and not in others.
    return str(output["output_type"]) == "error"


class _Text:
    """Normalises strings, remembering the random ids seen so far."""

    def __init__(self, home: Path) -> None:
        self._home = str(home)
        self._ids: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        text = text.replace(self._home, "<home>")
        text = _ADDRESS.sub("<address>", text)
        text = _TEMPORARY.sub("ipykernel_<pid>", text)
        return _RANDOM_ID.sub(lambda found: self._ids.setdefault(found.group(), f"<id {len(self._ids)}>"), text)


def _strings(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0  # no -0.0
    if isinstance(value, list):
        return [_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {change(key): _strings(item, change) for key, item in value.items()}
    return value
