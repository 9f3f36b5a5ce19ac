"""``ls``."""

from __future__ import annotations

import argparse
import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from ...store.blobs import Entry
from ...store.layout import Area
from ..output import age_text, print_json, size_text, time_json
from ..place import place_of

# Lowest key first. What has no time is taken for the oldest.
_KEYS: dict[str, Callable[[Entry], Any]] = {
    "size": lambda entry: (-entry.size, entry.digest),
    "age": lambda entry: (-(entry.modified or 0.0), entry.digest),
    "digest": lambda entry: entry.digest,
}


def ls(options: argparse.Namespace) -> int:
    """Print a line for each artifact: as they come when unsorted, so that ``| head`` is quick on any store."""
    entries = place_of(options).blobs.entries(Area[options.area.upper()])
    for entry in _chosen(entries, options.sort, options.reverse, options.limit):
        if options.json:
            print_json({"digest": entry.digest.hex, "size": entry.size, "modified": time_json(entry.modified)})
        else:
            print(f"{entry.digest}  {size_text(entry.size):>9}  {age_text(entry.modified):>7}")
    return 0


def _chosen(entries: Iterator[Entry], sort: str | None, reverse: bool, limit: int | None) -> Iterator[Entry]:
    """With a limit, no more than so many are held."""
    if sort is None:
        return itertools.islice(entries, limit)
    key = _KEYS[sort]
    if limit is not None:
        return iter((heapq.nlargest if reverse else heapq.nsmallest)(limit, entries, key=key))
    return iter(sorted(entries, key=key, reverse=reverse))
