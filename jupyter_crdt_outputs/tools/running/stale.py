"""``stale``: which outputs of a notebook are stale, and why."""

from __future__ import annotations

import argparse
from datetime import datetime

from ...client.freshness import CellFreshness
from ...model.people import name_of
from ..output import age_text, print_json, print_table
from .display import to_json
from .place import client_of
from .sinks import without_escapes


def stale(options: argparse.Namespace) -> int:
    """List the cells that hold code and are stale; with ``--all``, the others too."""
    with client_of(options) as client:
        found = client.freshness(options.notebook)
    shown = [each for each in found if options.all or each.stale is not None]
    if options.json:
        print_json({"cells": list(map(_told, shown))})
    elif shown:
        print_table([("cell", "outputs", "because of", "user", "age"), *map(_row, shown)])
    return 0


def _told(cell: CellFreshness) -> dict[str, object]:
    execution = None if cell.execution is None else to_json(cell.execution)
    return {"cell": cell.cell, "stale": cell.stale, "because": list(cell.because), "execution": execution}


def _row(cell: CellFreshness) -> tuple[str, ...]:
    user = age = ""
    if cell.execution is not None:
        record = cell.execution.record
        user = name_of(record.user, record.claimed_name)
        age = age_text(datetime.fromisoformat(record.started_at or record.queued_at).timestamp())
    state = cell.stale or ("fresh" if cell.execution is not None else "not run")
    shown = (cell.cell, state, " ".join(cell.because), user, age)
    return tuple(without_escapes(text, keep_colours=False) for text in shown)
