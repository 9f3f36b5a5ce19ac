"""``pull``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ...errors import ArtifactCorrupt, ArtifactMissing, ArtifactRemoved, CrdtOutputsError
from ...model.digest import Digest
from ...store.blobs import Entry
from ...store.layout import Area
from ..artifacts.pipe import Copied, Pipe
from ..output import count_text, print_json, size_text, warn
from ..parallel import in_threads
from ..place import Place, place_at, place_of
from ..progress import progress
from .batch import Batch, each_of, gravest_code
from .folders import Folder
from .in_place import notebooks_at
from .wanted import Want, wants_of

_LOOKED_AT_ONCE = 16


@dataclass(slots=True)
class Pulled:
    """What became of all that the notebooks refer to.

    Attributes:
        wants: every output that needs an artifact, by the artifact.
        copied: what was fetched, or with ``--dry-run`` would be.
        lacks: what the notebooks still lack, and why.
    """

    wants: dict[Digest, list[Want]]
    copied: Copied = field(default_factory=Copied)
    lacks: dict[Digest, CrdtOutputsError] = field(default_factory=dict)


def pull(options: argparse.Namespace) -> int:
    """Fetch what the target lacks, each artifact hashed on the way; what is there already is kept from now on, too.

    Both stores may be in use. What was fetched stays when something is missing; doing it again goes on with the rest.
    """
    source, target = replace(place_at(options.source), spool=None), place_of(options)
    pipe = Pipe(source, target)
    folder = notebooks_at(options.what)

    def index(digest: Digest) -> bytes:
        try:
            return target.originals().get(digest)
        except (ArtifactMissing, ArtifactCorrupt):
            return source.store.get(digest)

    reading = each_of(folder.notebooks, lambda path: wants_of(path, index), "read", folder.unreadable)
    pulled = Pulled(_by_digest(want for found in reading.results for want in found))
    if not options.dry_run:
        target.store.touch(pulled.wants)  # a notebook that came from elsewhere is in no mark yet
    missing = list(_missing(source, target, pulled))
    if options.dry_run:
        pulled.copied.count, pulled.copied.size = len(missing), sum(entry.size for entry in missing)
    else:
        with progress("pulled", sum(entry.size for entry in missing)) as advance:
            pipe.copy_all(missing, pulled.copied, advance)
        _judge(source, target, pulled)
    _tell(source, target, pulled, reading, folder, options)
    return gravest_code([reading.exit_code, *(error.exit_code for error in pulled.lacks.values())])


def _by_digest(wants: Iterable[Want]) -> dict[Digest, list[Want]]:
    by_digest: dict[Digest, list[Want]] = {}
    for want in wants:
        by_digest.setdefault(want.digest, []).append(want)
    return by_digest


def _missing(source: Place, target: Place, pulled: Pulled) -> Iterator[Entry]:
    """What is to be fetched, with the sizes that the source has: those in a notebook are but what it says."""

    def look(digest: Digest) -> tuple[Digest, int | None, int | None]:
        here = next((size for size in _sizes(target, digest)), None)
        if here is not None and here in {want.size for want in pulled.wants[digest]}:
            return digest, here, here
        return digest, here, next(_sizes(source, digest), None)

    for digest, here, there in in_threads(look, list(pulled.wants), _LOOKED_AT_ONCE):
        if there is not None and here != there:
            yield Entry(digest, there, None)
        elif here is not None:
            pulled.copied.there += 1
        else:
            pulled.lacks[digest] = ArtifactMissing(f"not in {source.where}, nor here")


def _sizes(place: Place, digest: Digest) -> Iterator[int]:
    """How large an artifact is, wherever a store has it."""
    for blobs, area in ((place.spool, Area.ARTIFACTS), (place.blobs, Area.ARTIFACTS), (place.blobs, Area.TRASH)):
        entry = None if blobs is None else blobs.entry(digest, area)
        if entry is not None:
            yield entry.size


def _judge(source: Place, target: Place, pulled: Pulled) -> None:
    """Say of each artifact that was not copied why."""
    for digest in pulled.copied.corrupt:
        pulled.lacks[digest] = ArtifactCorrupt(f"damaged in {source.where}: its bytes do not hash to its name")
    for digest in pulled.copied.gone:
        pulled.lacks[digest] = ArtifactMissing(f"removed from {source.where} meanwhile")
    for digest in pulled.copied.removed:
        pulled.lacks[digest] = ArtifactRemoved(f"removed for good from {target.where}, which refuses it")


def _tell(
    source: Place,
    target: Place,
    pulled: Pulled,
    reading: Batch[list[Want]],
    folder: Folder,
    options: argparse.Namespace,
) -> None:
    lacks = [(want, error) for digest, error in pulled.lacks.items() for want in pulled.wants[digest]]
    lacks.sort(key=lambda lack: (lack[0].path, lack[0].where.cell, lack[0].where.output))
    if options.json:
        print_json(
            {
                "from": source.where,
                "store": target.where,
                "dry_run": options.dry_run,
                "notebooks": len(folder.notebooks),
                "pulled": pulled.copied.count,
                "bytes": pulled.copied.size,
                "already_there": pulled.copied.there,
                "missing": [
                    {
                        "path": str(want.path),
                        "cell": want.where.cell,
                        "id": want.where.cell_id or None,
                        "output": want.where.output,
                        "type": want.type,
                        "size": want.size,
                        "sha256": want.digest.hex,
                        "error": str(error),
                    }
                    for want, error in lacks
                ],
                "failed": [failure.to_json() for failure in reading.failures],
            }
        )
        return
    would = "would be " if options.dry_run else ""
    print(
        f"{count_text(pulled.copied.count, 'artifact')}, {size_text(pulled.copied.size)}, {would}pulled from "
        f"{source.where} to {target.where}; {pulled.copied.there:,} already there"
    )
    for want, error in lacks:
        warn(f"{want.path}: {want.where}: {want.type}, {size_text(want.size)}: {error} ({want.digest})")
    reading.warn()
