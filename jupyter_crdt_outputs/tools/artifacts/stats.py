"""``stats``."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import InvalidSetting
from ...model.digest import Digest
from ...store.blobs import Entry
from ...store.collection.report import Tally
from ...store.layout import Area
from ..configuration import Configuration
from ..notebooks.contents import Contents, contents, notebook_files
from ..output import print_json, warn
from ..place import Place, place_of
from ..progress import progress
from .stats_text import print_stats

_AGES_D = (1, 7, 30, 365)
_NO_TYPE = "in no notebook"


@dataclass(slots=True)
class Totals:
    """One pass over the store."""

    all: Tally = field(default_factory=Tally)
    by_age: dict[str, Tally] = field(default_factory=lambda: {label: Tally() for label in _age_labels()})
    by_type: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


def stats(options: argparse.Namespace) -> int:
    """Add up the store, and the notebooks below the roots. Memory grows with the notebooks, not with the store."""
    configuration, place = Configuration(), place_of(options)
    roots = options.roots or [Path(str(configuration.root_dir().value))]
    for root in roots:
        if not root.is_dir():
            raise InvalidSetting(f"there is no folder {root} to look for notebooks in: give --root DIR")
    found = list(_notebooks(roots, configuration, place))
    types = {digest: each.type for notebook in found for digest, each in notebook.artifacts.items()}
    totals, stored = _totals(place, types)
    waiting = Tally()
    for entry in place.spool.entries() if place.spool is not None else ():
        waiting.add(entry.size)
        stored |= types.keys() & {entry.digest}
    others: dict[Area, Tally] = {area: _sum(place.blobs.entries(area)) for area in Area if area is not Area.ARTIFACTS}
    report = _report(place, roots, totals, others, found, stored, waiting)
    if options.json:
        print_json(report)
    else:
        print_stats(report)
        for notebook in found:
            if notebook.problem:
                warn(f"{notebook.path}: {notebook.problem}")
    return 0


def _notebooks(roots: Sequence[Path], configuration: Configuration, place: Place) -> Iterator[Contents]:
    policy = configuration.policy()
    paths = list(dict.fromkeys(notebook_files(roots)))
    with progress("notebooks", sum(_file_size(path) for path in paths)) as advance:
        for path in paths:
            yield contents(path, policy, place.store.get)
            advance(_file_size(path))


def _totals(place: Place, types: Mapping[Digest, str]) -> tuple[Totals, set[Digest]]:
    """Also which of the notebooks' artifacts are there."""
    totals, stored, now = Totals(), set(), time.time()
    with progress("artifacts", None, unit="") as advance:
        for entry in place.blobs.entries(Area.ARTIFACTS):
            totals.all.add(entry.size)
            totals.by_age[_age_label(entry, now)].add(entry.size)
            totals.by_type[types.get(entry.digest, _NO_TYPE)].add(entry.size)
            if entry.digest in types:
                stored.add(entry.digest)
            advance(1)
    return totals, stored


def _report(
    place: Place,
    roots: Sequence[Path],
    totals: Totals,
    others: Mapping[Area, Tally],
    found: Sequence[Contents],
    stored: set[Digest],
    waiting: Tally,
) -> dict[str, Any]:
    return {
        "store": place.where,
        **_json(totals.all),
        **{area.name.lower(): _json(each) for area, each in others.items()},
        "waiting": _json(waiting),
        "by_age": {label: _json(each) for label, each in totals.by_age.items()},
        "by_type": {name: _json(each) for name, each in _largest_first(totals.by_type)},
        "roots": [str(root) for root in roots],
        "notebooks": sorted((_notebook(each, stored) for each in found), key=lambda each: -each["bytes"]),
    }


def _notebook(notebook: Contents, stored: set[Digest]) -> dict[str, Any]:
    """What of it is in the store; ``missing`` has the digests that only the store could have."""
    there = [each for digest, each in notebook.artifacts.items() if digest in stored]
    missing = [digest.hex for digest, each in notebook.artifacts.items() if digest not in stored and not each.in_file]
    return {
        "path": str(notebook.path),
        "artifacts": len(there),
        "bytes": sum(each.size for each in there),
        "not_stored": len(notebook.artifacts) - len(there) - len(missing),
        "missing": missing,
        "problem": notebook.problem or None,
    }


def _age_labels() -> list[str]:
    return [f"up to {days} d" for days in _AGES_D] + ["older", "unknown"]


def _age_label(entry: Entry, now: float) -> str:
    if entry.modified is None:
        return "unknown"
    days = (now - entry.modified) / 86400
    return next((f"up to {limit} d" for limit in _AGES_D if days <= limit), "older")


def _json(tally: Tally) -> dict[str, int]:
    return {"artifacts": tally.count, "bytes": tally.bytes}


def _sum(entries: Iterator[Entry]) -> Tally:
    total = Tally()
    for entry in entries:
        total.add(entry.size)
    return total


def _largest_first(sums: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    return sorted(sums.items(), key=lambda each: -each[1].bytes)


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
