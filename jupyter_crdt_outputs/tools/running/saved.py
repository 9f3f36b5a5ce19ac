"""Whether the file of a notebook has what was run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...client import Client
from ...model.execution_state import Execution

_WAIT_S = 3.0


def is_saved(client: Client, path: str, executions: Sequence[Execution]) -> bool:
    """Whether the file has what cells put out that have run, at once or in a moment: the server saves it by itself.

    Args:
        client: of the server that stays.
        path: of the notebook there.
        executions: that have ended; those that never began have put out nothing.
    """
    begun = [each for each in executions if each.record.started_at and each.record.ended_at]
    if not begun:
        return True
    since = max(each.record.ended_at or "" for each in begun)
    if client.saved(path, since, wait_s=0) or _are_in_file(client, path, begun):
        return True
    return client.saved(path, since, wait_s=_WAIT_S)


def _are_in_file(client: Client, path: str, executions: Sequence[Execution]) -> bool:
    """Whether the file has all of these already: one that would be the same is not written."""
    cells = {cell.get("id"): cell for cell in client.notebook(path)["cells"]}
    counts = {each.record.cell: each.record.execution_count for each in executions}
    if any(cells.get(cell, {}).get("execution_count") != count for cell, count in counts.items()):
        return False  # nearly always: nothing else is asked for
    return all(_is_in_file(client, each, cells[each.record.cell].get("outputs") or []) for each in executions)


def _is_in_file(client: Client, execution: Execution, saved: list[Any]) -> bool:
    seen = client.outputs(execution).outputs or ()
    return len(saved) == len(seen) and all(
        there == wanted or there == client.original(wanted) for there, wanted in zip(saved, seen, strict=True)
    )
