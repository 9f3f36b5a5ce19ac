"""``copy``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from ...errors import ArtifactCorrupt
from ...store import tombstones
from ...store.blobs import Entry
from ...store.collection import pins
from ...store.layout import Area, shard_of
from ..output import count_text, print_json, size_text
from ..parallel import in_threads
from ..place import Place, place_at
from ..progress import is_shown, progress
from .pipe import Copied, Pipe

_LISTED_AT_ONCE = 8


@dataclass(slots=True)
class Difference:
    """What the target lacks, or has with another size. ``there`` counts what it has."""

    missing: list[Entry] = field(default_factory=list)
    there: int = 0


def copy(options: argparse.Namespace) -> int:
    """Copy what the target lacks, or has with another size; each artifact hashed in between. Both may be in use.

    Memory does not grow with the stores, but with the largest artifact.
    """
    source, target = place_at(options.source), place_at(options.target)
    pipe, result = Pipe(source, target), Copied()
    if options.dry_run:
        for difference in _differences(source, target):
            result.there += difference.there
            result.count += len(difference.missing)
            result.size += sum(entry.size for entry in difference.missing)
    else:
        _copy_all(source, target, pipe, result)
    _tell(options, source, target, result)
    return ArtifactCorrupt.exit_code if result.corrupt else 0


def _copy_all(source: Place, target: Place, pipe: Pipe, result: Copied) -> None:
    total = None
    if is_shown():  # else nobody asks how far it is, and the stores need not be listed twice
        total = sum(entry.size for difference in _differences(source, target) for entry in difference.missing)
    _copy_records(source, target)
    with progress("copied", total) as advance:
        pipe.copy_all(_missing(source, target, result), result, advance)


def _missing(source: Place, target: Place, result: Copied) -> Iterator[Entry]:
    for difference in _differences(source, target):
        result.there += difference.there
        yield from difference.missing


def _differences(source: Place, target: Place) -> Iterator[Difference]:
    """One for each folder of the stores, since a listing gives what is in one folder together."""

    def compare(entries: list[Entry]) -> Difference:
        difference = Difference()
        shard = shard_of(entries[0].digest)
        sizes = {entry.digest: entry.size for entry in target.blobs.entries(Area.ARTIFACTS, shard)}
        for entry in entries:
            if sizes.get(entry.digest) == entry.size:
                difference.there += 1
            else:
                difference.missing.append(entry)
        return difference

    folders = groupby(source.blobs.entries(), lambda entry: shard_of(entry.digest))
    return in_threads(compare, (list(entries) for _, entries in folders), _LISTED_AT_ONCE)


def _copy_records(source: Place, target: Place) -> None:
    """What was removed from the source stays out of the target, and what is pinned is pinned there too."""
    for kind in (tombstones.KIND, pins.KIND):
        for record in source.blobs.records.list(kind):
            content = source.blobs.records.read(kind, record.name)
            if content is not None:
                target.blobs.records.create(kind, record.name, content)


def _tell(options: argparse.Namespace, source: Place, target: Place, result: Copied) -> None:
    if options.json:
        print_json(
            {
                "from": source.where,
                "to": target.where,
                "dry_run": options.dry_run,
                "copied": result.count,
                "bytes": result.size,
                "already_there": result.there,
                "corrupt": sorted(digest.hex for digest in result.corrupt),
                "gone": sorted(digest.hex for digest in result.gone),
                "purged": sorted(digest.hex for digest in result.removed),
            }
        )
        return
    for digest in sorted(result.corrupt):
        print(f"{digest}  corrupt in {source.where}, not copied")
    for digest in sorted(result.removed):
        print(f"{digest}  purged, not copied")
    would = "would be " if options.dry_run else ""
    print(
        f"{count_text(result.count, 'artifact')}, {size_text(result.size)}, {would}copied to {target.where}; "
        f"{result.there:,} already there"
    )
