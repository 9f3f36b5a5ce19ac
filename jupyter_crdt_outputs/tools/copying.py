"""``copy``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from threading import Lock

from ..errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError
from ..model.digest import Digest
from ..store import tombstones
from ..store.blobs import Entry
from ..store.collection import pins
from ..store.layout import Area, shard_of
from .output import count_text, print_json, size_text
from .parallel import in_batches, in_threads
from .place import Place, place_at
from .progress import is_shown, progress
from .refused import Refused

_LARGE_BYTES = 1 << 26
_THREADS = 4
_LISTED_AT_ONCE = 8


@dataclass(slots=True)
class Difference:
    """What the target lacks, or has with another size. ``there`` counts what it has."""

    missing: list[Entry] = field(default_factory=list)
    there: int = 0


@dataclass(slots=True)
class Copied:
    """What became of a batch, or of all of them.

    Attributes:
        count: artifacts that are now in the target and were not before.
        size: their bytes.
        there: artifacts that need not be copied.
        corrupt: what the source holds of these does not hash to its name; not copied.
        gone: removed from the source meanwhile.
        removed: purged from the target, which refuses them.
    """

    count: int = 0
    size: int = 0
    there: int = 0
    corrupt: list[Digest] = field(default_factory=list)
    gone: list[Digest] = field(default_factory=list)
    removed: list[Digest] = field(default_factory=list)

    def add(self, other: Copied) -> None:
        """Together."""
        self.count += other.count
        self.size += other.size
        self.corrupt += other.corrupt
        self.gone += other.gone
        self.removed += other.removed


def copy(options: argparse.Namespace) -> int:
    """Copy what the target lacks, or has with another size; each artifact hashed in between. Both may be in use.

    Memory does not grow with the stores, but with the largest artifact.
    """
    source, target = place_at(options.source), place_at(options.target)
    if source.where == target.where:
        raise Refused(f"{source.where} is one and the same store")
    result = Copied()
    if options.dry_run:
        for difference in _differences(source, target):
            result.there += difference.there
            result.count += len(difference.missing)
            result.size += sum(entry.size for entry in difference.missing)
    else:
        _copy_all(source, target, result)
    _tell(options, source, target, result)
    return ArtifactCorrupt.exit_code if result.corrupt else 0


def _copy_all(source: Place, target: Place, result: Copied) -> None:
    total = None
    if is_shown():  # else nobody asks how far it is, and the stores need not be listed twice
        total = sum(entry.size for difference in _differences(source, target) for entry in difference.missing)
    _copy_records(source, target)
    pipe = _Pipe(source, target)
    with progress("copied", total) as advance:
        try:
            for done in in_threads(
                pipe.copy, in_batches(_missing(source, target, result), lambda entry: entry.size), _THREADS
            ):
                result.add(done)
                advance(done.size)
        except CrdtOutputsError as error:
            done_ = f"{count_text(result.count, 'artifact')} copied; the same command goes on with the rest."
            raise type(error)(f"{error} {done_}") from error


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


class _Pipe:
    """From one store into the other, with no more than one large artifact in memory."""

    def __init__(self, source: Place, target: Place) -> None:
        self._source = source.store
        self._target = target.store
        self._tombstones = tombstones.Tombstones(target.blobs.records, target.where)
        self._large = Lock()

    def copy(self, batch: list[Entry]) -> Copied:
        if batch[0].size > _LARGE_BYTES:
            with self._large:
                return self._copy(batch)
        return self._copy(batch)

    def _copy(self, batch: list[Entry]) -> Copied:
        result = Copied()
        artifacts: list[bytes] = []
        removed = self._tombstones.among(entry.digest for entry in batch)
        result.removed += removed
        batch = [entry for entry in batch if entry.digest not in removed]
        with ThreadPoolExecutor(min(_THREADS, len(batch) or 1)) as pool:
            for entry, data in zip(batch, pool.map(lambda each: self._get(each.digest), batch), strict=True):
                if isinstance(data, bytes):
                    artifacts.append(data)
                elif isinstance(data, ArtifactCorrupt):
                    result.corrupt.append(entry.digest)
                else:
                    result.gone.append(entry.digest)
        self._target.put_many(artifacts)
        result.count, result.size = len(artifacts), sum(map(len, artifacts))
        return result

    def _get(self, digest: Digest) -> bytes | CrdtOutputsError:
        try:
            return self._source.get(digest)
        except (ArtifactCorrupt, ArtifactMissing) as error:
            return error


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
